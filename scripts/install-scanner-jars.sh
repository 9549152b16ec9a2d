#!/usr/bin/env bash
# Fetches the real jars of the scanner's accuracy tests from Maven Central into target/scanner-jars. Run it once; what is
# there stays. The tests say "skipped" without it.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=target/scanner-jars
mkdir -p "$folder"
central=https://repo1.maven.org/maven2

# group/artifact, then the first component of the versions to take (a regular expression).
while read -r path versions; do
    name=${path##*/}
    for version in $(curl -sSf "$central/$path/maven-metadata.xml" | sed -n 's:.*<version>\(.*\)</version>.*:\1:p' | grep -E "^($versions)$"); do
        file="$folder/$name-$version.jar"
        [[ -s $file ]] && continue
        # A few versions have no jar of their own name.
        curl -sSf -o "$file.part" "$central/$path/$version/$name-$version.jar" && mv "$file.part" "$file" || echo "none: $file"
        rm -f "$file.part"
    done
done <<'LIST'
org/apache/logging/log4j/log4j-core .*
log4j/log4j .*
ch/qos/reload4j/reload4j .*
org/apache/logging/log4j/log4j-1.2-api 2.0-beta6|2.0|2.3.1|2.8.2|2.12.4|2.14.1|2.17.1|2.25.4
org/apache/logging/log4j/log4j-api 2.0|2.14.1|2.25.4
ch/qos/logback/logback-core 0.9|1.1.11|1.2.7|1.2.8|1.5.18
ch/qos/logback/logback-classic 1.2.7|1.5.18
org/apache/commons/commons-text 1.9|1.10.0
commons-collections/commons-collections 3.2.1|3.2.2
com/h2database/h2 2.0.204|2.1.210
org/yaml/snakeyaml 1.33|2.0
com/alibaba/fastjson 1.2.80|1.2.83
LIST
