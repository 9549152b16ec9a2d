# Reads "A<TAB>B" lines; prints <, =, > or ? as RPM orders them (python3-rpm: rpm.ver, which is rpmverCmp).
import sys
import rpm

for line in sys.stdin:
    left, right = line.rstrip("\n").split("\t")
    try:
        left, right = rpm.ver(left), rpm.ver(right)
    except ValueError:
        print("?")
        continue
    print("<" if left < right else ">" if left > right else "=")
