import sys, tempfile, time, json
from pathlib import Path
from .server import Server
from .school import Plan, hold
import argparse
a=argparse.ArgumentParser(); a.add_argument("--learners",type=int,default=30); a.add_argument("--minutes",type=float); a.add_argument("--laps",type=int); a.add_argument("--pace",type=float,default=1.0)
o=a.parse_args()
with tempfile.TemporaryDirectory() as f:
    t=time.monotonic()
    s=Server(Path(f)); print("started",time.monotonic()-t, s.url)
    try:
        out=hold(Plan(o.learners,minutes=o.minutes,laps=o.laps,pace=o.pace,ramp=30*o.pace),s)
    finally:
        s.process.poll() is None and s.process.kill()
    print("seconds",time.monotonic()-t)
    for x in out.book.troubles: print(x)
    print(out.book.counts)
    import collections,statistics
    d=collections.defaultdict(list)
    for x in out.book.took: d[x.what].append(x.seconds)
    for k,v in sorted(d.items()): v.sort(); print(f"{k:50} {len(v):4} {statistics.median(v):.2f} {v[int(len(v)*.95)]:.2f}")
    for c in (out.before,out.after):
        print(c, c.inside["seats"], c.inside["python blocks"], c.inside["jvm heap"]/1e6)
    for k in ("python threads","jvm threads","python objects","jvm objects"):
        b,n=out.before.inside[k],out.after.inside[k]
        print(k,{x:(b.get(x,0),n.get(x,0)) for x in {*b,*n} if b.get(x,0)!=n.get(x,0)})
    b,n=out.before.inside["jvm bytes"],out.after.inside["jvm bytes"]
    print(sorted(((n.get(x,0)-b.get(x,0),x) for x in {*b,*n}),reverse=True)[:12])
    print(out.console, out.spark_log[:5], out.stopped_well)
    for x in out.samples[::5]: print(x)
