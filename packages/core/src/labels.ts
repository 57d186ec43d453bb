export { formatName, type LabelledName, type LabelValue, parseName } from './internal/labels.ts'
