// Reads "A<TAB>B" lines; prints <, =, > or ? as golang.org/x/mod/semver orders them.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		left, right, _ := strings.Cut(lines.Text(), "\t")
		left, right = withV(left), withV(right)
		if !semver.IsValid(left) || !semver.IsValid(right) {
			fmt.Fprintln(out, "?")
			continue
		}
		fmt.Fprintln(out, string("<=>"[semver.Compare(left, right)+1]))
	}
}

func withV(version string) string {
	if strings.HasPrefix(version, "v") {
		return version
	}
	return "v" + version
}
