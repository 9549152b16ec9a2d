# Reads "A<TAB>B" lines; prints <, = or > as `packaging` before 22 orders them (LegacyVersion before all PEP 440 ones).
import sys
import warnings
from packaging.version import parse

warnings.simplefilter("ignore")
for line in sys.stdin:
    left, right = map(parse, line.rstrip("\n").split("\t"))
    print("<" if left < right else ">" if left > right else "=")
