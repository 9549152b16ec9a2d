#!/usr/bin/env python3
"""20,000 people, 60 policies, 10 courses: how long a night takes, and the statements behind the pages.

It takes the statements out of crates/store/src/workforce and runs them on the SQLite that Python brings, so that no build is needed. That
is a look at the statements, not at the program: `cargo test -p bedrail-app --test it -- --ignored twenty_thousand --nocapture` measures
the use cases themselves.
"""
import glob
import os
import re
import sqlite3
import tempfile
import time
import uuid

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'crates', 'store', '')

def unmac(src):
    stm={}
    # expand simple macro_rules of concat! with $rest/$begin
    macros={}
    for m in re.finditer(r'macro_rules! (\w+) \{\s*\((.*?)\) => \{\s*concat!\((.*?)\)\s*\};\s*\}',src,re.S):
        macros[m.group(1)]=(re.findall(r'\$(\w+):literal',m.group(2)),m.group(3))
    lit=r'"((?:[^"\\]|\\.)*)"'
    def concat(body,env):
        out=''
        for t in re.finditer(lit+r'|\$(\w+)|(\w+)!\((.*?)\)(?=\s*,|\s*$)',body,re.S):
            if t.group(1) is not None: out+=t.group(1)
            elif t.group(2): out+=env[t.group(2)]
            else:
                args=re.findall(lit,t.group(4),re.S); ps,b=macros[t.group(3)]; out+=concat(b,dict(zip(ps,args)))
        return out
    for m in re.finditer(r'const (\w+): &str =\s*(.*?);\n',src,re.S):
        n,e=m.group(1),m.group(2).strip()
        if e.startswith('"'): stm[n]=re.match(lit,e,re.S).group(1)
        elif e.startswith('concat!'): stm[n]=concat(e[len('concat!('):-1],{})
        else:
            mm=re.match(r'(\w+)!\((.*)\)$',e,re.S)
            if mm and mm.group(1) in macros:
                ps,b=macros[mm.group(1)]; stm[n]=concat(b,dict(zip(ps,re.findall(lit,mm.group(2),re.S))))
            else: print('skip',n,e[:60])
    return stm


def statements():
    """Every statement of the store's workforce files, with `?1` for `$1`."""
    found = {}
    for file in sorted(glob.glob(ROOT + 'src/workforce/*.rs')):
        for name, text in unmac(open(file).read()).items():
            if '{' in text:
                columns = {'PUT': 19, 'PUT_ROLES': 3, 'ASSIGN_THESE': 10}.get(name, 1)
                text = text.replace('{rows}', '(' + ','.join(f'${i + 1}' for i in range(columns)) + ')').replace('{ids}', '$2')
            found[file.split('/')[-1] + ' ' + name] = re.sub(r'\$(\d+)', r'?\1', text)
    return found

mig = ''.join(open(f).read() for f in sorted(glob.glob(ROOT + 'migrations/00*.sql')))
q = statements()
folder = tempfile.TemporaryDirectory()
db = sqlite3.connect(folder.name + '/night.db', isolation_level=None)
db.executescript('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;')
db.executescript(mig.replace(') CLUSTERED;',') WITHOUT ROWID;'))
org=uuid.uuid4().bytes
db.execute('BEGIN'); cols=[r[1] for r in db.execute("pragma table_info(organisation)")]
info=list(db.execute("pragma table_info(organisation)"))
vals=[org if c[1]=='id' else ('x' if 'text' in c[2] else 0) for c in info]
db.execute(f"INSERT INTO organisation VALUES ({','.join('?'*len(vals))})",vals)
t=time.time()
ids=[]
for i in range(20000):
    w=uuid.uuid4().bytes; ids.append(w)
    db.execute(q['roster.rs PUT'],[org,1,w,f'Person {i}',f'person {i}',None,None,str(i),None,'staff',f'Site {i%4}',f'Ward {i%200}','2025-01-01',None,'csv',0,0,'x',0])
    for r in (f'role {i%20}','clinical'): db.execute(q['roster.rs PUT_ROLES'],[org,w,r])
print('people',time.time()-t); t=time.time()
duties=[]
for k in range(70):
    d=uuid.uuid4().bytes; kind='policy' if k<60 else 'course'; duties.append(d)
    db.execute(q['duties.rs INSERT'],[org,1,d,kind,str(k),1,'x','t','',30,None,365,0,'x'])
    roles=['*'] if k<10 or k>=60 else [f'role {k%20}',f'role {(k+7)%20}',f'role {(k+13)%20}']
    for r in roles: db.execute('INSERT INTO duty_role VALUES (?,?,?)',[org,d,r])
def night(today,due,soon):
    t=time.time(); n=0
    a=time.time(); db.execute(q['night.rs LEFT'],[org,today,0]); b=time.time(); db.execute(q['night.rs MOVED'],[org,0]); c=time.time()
    for d in duties:
        n+=db.execute(q['night.rs ASSIGN'],[org,d,today,due,soon]).rowcount
    e=time.time()
    for d in duties:
        db.execute(q['night.rs CLEAR_DUTY'],[org,d]); db.execute(q['night.rs TALLY_DUTY'],[org,today,d])
    f=time.time()
    for k in (('course','course'),('policy','policy'),('policy','statement')): r=db.execute(q['night.rs FIGURE'],[org,today,*k]).fetchone()
    g=time.time()
    db.execute(q['night.rs TO_ESCALATE'],[org,'2026-02-01']).fetchall(); db.execute(q['night.rs NOTE_REMINDED'],[org,today,soon,'2026-02-01'])
    print('night',today,'assigned',n,'left %.1f moved %.1f assign %.1f tally %.1f figures %.1f remind %.1f total %.1f'%(b-a,c-b,e-c,f-e,g-f,time.time()-g,time.time()-t))
night('2026-03-03','2026-04-02','2026-04-02'); db.execute('COMMIT'); db.execute('BEGIN'); night('2026-03-04','2026-04-03','2026-04-03'); db.execute('COMMIT')
db.execute('ANALYZE')
def tm(n,p):
    t=time.time(); r=db.execute(q[n],p).fetchall(); print(n,len(r),'%.0f ms'%((time.time()-t)*1000))
d=duties[0]
tm('roster.rs LIST',[org,'%person 19%','','','','here','2026-03-04',50,0]); tm('roster.rs COUNT',[org,'%person 19%','','','','here','2026-03-04']); tm('roster.rs PLACES',[org,'2026-03-04']); tm('roster.rs ROLE_NAMES',[org])
tm('duties.rs TALLIES',[org]); tm('duties.rs WARDS',[org,d]); tm('duties.rs KIND_WARDS',[org,'course']); tm('duties.rs PEOPLE',[org,d,'open','','',100,0]); tm('duties.rs PEOPLE_COUNT',[org,d,'open','','']); tm('duties.rs OF_WORKER',[org,ids[77]])
t=time.time(); db.execute('BEGIN'); db.execute(q['night.rs CLEAR_BOTH'],[org,d,'Site 1','Ward 1']); db.execute(q['night.rs TALLY_BOTH'],[org,'2026-03-04',d,'Site 1','Ward 1']); db.execute('COMMIT'); print('tally both %.0f ms'%((time.time()-t)*1000))
t=time.time(); db.execute('BEGIN'); db.execute(q['night.rs CLEAR_WARD'],[org,'Site 1','Ward 1']); db.execute(q['night.rs TALLY_WARD'],[org,'2026-03-04','Site 1','Ward 1']); db.execute('COMMIT'); print('tally ward %.0f ms'%((time.time()-t)*1000))
