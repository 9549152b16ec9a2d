<?php
// Reads "A<TAB>B" lines; prints <, =, > or ? as composer/semver orders them. Branches are answered with ?.
require 'Composer/Semver/autoload.php';

$parser = new Composer\Semver\VersionParser();
$signs = [-1 => '<', 0 => '=', 1 => '>'];
while (($line = fgets(STDIN)) !== false) {
    [$left, $right] = explode("\t", rtrim($line, "\n"), 2);
    try {
        $left = $parser->normalize($left);
        $right = $parser->normalize($right);
    } catch (UnexpectedValueException $refusal) {
        echo "?\n";
        continue;
    }
    $branch = str_starts_with($left, 'dev-') || str_starts_with($right, 'dev-');
    echo $branch ? '?' : $signs[version_compare($left, $right)], "\n";
}
