set -e
rm -f *.rrd; mkdir -p dumps
rrdtool create router.rrd --start 1709200000 --step 60 DS:in:COUNTER:120:0:U DS:out:GAUGE:120:-10:100 RRA:AVERAGE:0.5:1:30 RRA:AVERAGE:0.5:5:24 RRA:MAX:0.5:5:24 RRA:AVERAGE:0.5:60:10
c=0
for i in $(seq 1 190); do
  t=$((1709200000 + i*60 + i%7)); c=$((c + i*13%997))
  if [ $((i%40)) -ge 5 ]; then rrdtool update router.rrd $t:$c:$((i%50)).25; fi
done
rrdtool dump router.rrd > dumps/router.xml
last=$(rrdtool last router.rrd)
rrdtool info router.rrd | grep -c rra
for spec in AVERAGE:60 AVERAGE:300 AVERAGE:3600 MAX:300; do cf=${spec%:*}; r=${spec#*:}
 n=30; [ $r = 300 ] && n=24; [ $r = 3600 ] && n=10
 end=$((last - last % r)); start=$((end - n*r))
 rrdtool fetch router.rrd $cf -r $r -s $start -e $((end - 1)) > dumps/fetch-$cf-$r.txt
 head -4 dumps/fetch-$cf-$r.txt; tail -2 dumps/fetch-$cf-$r.txt
done
wc -c dumps/*; head -60 dumps/router.xml
