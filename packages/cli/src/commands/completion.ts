import { type Command, command } from '../command.ts'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { mustBe } from '../misuse.ts'

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

export const completionCommand: Command = command({
  name: 'completion',
  summary: 'prints the script that completes commands and flags in bash, zsh or fish',
  words: [{ name: 'shell', summary: 'bash, zsh or fish', choices: ['bash', 'zsh', 'fish'] }],
  flags: {},
  examples: [
    ['kairos completion bash >> ~/.bashrc', 'for bash'],
    ['kairos completion zsh > ~/.zfunc/_kairos', 'for zsh, if ~/.zfunc is in its fpath'],
    ['kairos completion fish > ~/.config/fish/completions/kairos.fish', 'for fish'],
  ],
  async run({ words, terminal, commands }) {
    const [shell = ''] = words
    if (!Object.hasOwn(SHELLS, shell)) throw mustBe('the shell', Object.keys(SHELLS).join(', '), shell)
    await terminal.write(SHELLS[shell]!(commands))
  },
})
