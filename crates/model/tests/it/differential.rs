//! Every order against its ecosystem's own tool, over versions of the real feeds. `scripts/install-version-tools.sh`
//! installs the tools; the test of a tool that is not there says so and passes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bedrail_model::version::Order;

use crate::feeds;

/// How many pairs are taken from the feeds for each tool; half as many odd ones come on top.
const PAIRS: usize = 12_000;

/// Where `scripts/install-version-tools.sh` puts what Debian does not package.
fn tools() -> PathBuf {
    std::env::var_os("BEDRAIL_VERSION_TOOLS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/version-tools")),
        PathBuf::from,
    )
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential").join(name)
}

/// The tool's answers, one character a pair; `None` where the tool is not there.
fn answers(command: &mut Command, pairs: &[(String, String)]) -> Option<Vec<char>> {
    let input: String = pairs.iter().map(|(left, right)| format!("{left}\t{right}\n")).collect();
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = child.ok()?;
    let mut stdin = child.stdin.take()?;
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().ok()?;
    let written = writer.join().is_ok_and(|result| result.is_ok());
    let answers: Vec<char> =
        String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.chars().next()).collect();
    (written && answers.len() == pairs.len()).then_some(answers)
}

fn our_answer(order: Order, left: &str, right: &str) -> char {
    order.compare(left, right).map_or('?', |found| ['<', '=', '>'][(found as i8 + 1) as usize])
}

/// Compares all answers. `excused` holds the pairs whose difference `docs/versions.md` explains.
fn agrees(
    order: Order,
    mut command: Command,
    pairs: &[(String, String)],
    excused: impl Fn(&str, &str, char, char) -> bool,
) {
    let Some(answers) = answers(&mut command, pairs) else {
        println!("skipped: no tool for {order} ({command:?})");
        return;
    };
    let mut differences = Vec::new();
    for ((left, right), theirs) in pairs.iter().zip(answers) {
        let ours = our_answer(order, left, right);
        if ours != theirs && !excused(left, right, ours, theirs) {
            differences.push(format!("{left} {ours} {right}, the tool says {theirs}"));
        }
    }
    let count = differences.len();
    differences.truncate(40);
    assert!(count == 0, "{order}: {count} of {} pairs differ:\n{}", pairs.len(), differences.join("\n"));
    println!("{order}: {} pairs agree", pairs.len());
}

const fn none_excused(_: &str, _: &str, _: char, _: char) -> bool {
    false
}

fn run(program: impl AsRef<std::ffi::OsStr>, arguments: &[PathBuf]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

#[test]
fn npm_agrees_with_npm_semver() {
    let own = ["1.0.0", "1.0.0-a", "1.0.0-a.1", "1.0.0-1", "v1.0.0", "1.0.0+b", "1.0", "1.0.0-01", "0.0.0-0"];
    let pairs = feeds::pairs(
        &["npm"],
        &own,
        &["-", ".", "0", "alpha", "-1", "+b", "v", "99999999999999999", "x"],
        PAIRS,
    );
    let command = run("node", &[script("npm.js"), tools().join("npm")]);
    // We pass over `=` and repeated `v` in front, as npm does when it reads loosely.
    agrees(Order::Npm, command, &pairs, |left, right, _, theirs| {
        theirs == '?'
            && [left, right].iter().any(|version| version.starts_with("vv") || version.starts_with('='))
    });
}

#[test]
fn pypi_agrees_with_packaging() {
    let own = [
        "1.0",
        "1.0a1",
        "1.0.dev1",
        "1.0.post1",
        "1!1.0",
        "1.0+local.1",
        "foo",
        "1.0-x",
        "1.0-1",
        "2004d",
        "v1",
    ];
    let odd =
        ["-", ".", "0", "a", "rc", "dev", "post", "+", "!", "_", "1", "pre", "final", "00", "x", "r", "-1"];
    let pairs = feeds::pairs(&["PyPI"], &own, &odd, PAIRS);
    agrees(
        Order::Pep440,
        run(tools().join("pypi/bin/python"), &[script("pypi_order.py")]),
        &pairs,
        none_excused,
    );
}

#[test]
fn maven_agrees_with_comparable_version() {
    let own = [
        "1",
        "1.0",
        "1-sp",
        "1.0.alpha.1",
        "1-ga-1",
        "1.Final",
        "2.7.1.redhat-1",
        "1-alpha",
        "1a1",
        "1.0-a-0-1",
        "0-alpha",
    ];
    let odd = [
        "é",
        "-",
        ".",
        "0",
        "alpha",
        "a",
        "m",
        "sp",
        "final",
        "SNAPSHOT",
        "rc",
        "1",
        "x",
        ".0",
        "-0",
        "--",
        "..",
        "_",
        "99999999999",
    ];
    let pairs = feeds::pairs(&["Maven"], &own, &odd, PAIRS);
    let maven = tools().join("maven");
    let mut command = run("java", &[]);
    command.arg("-cp").arg(format!("{0}:{0}/*", maven.display())).arg("Maven");
    agrees(Order::Maven, command, &pairs, none_excused);
}

#[test]
fn rubygems_agrees_with_gem_version() {
    let own = ["1", "1.0", "1.a", "1.0.a", "1.a.0.1", "1.a.0.b", "1-1", "1.0.pre", "0.a", "1.A"];
    let odd = ["-", ".", "0", "a", "pre", "rc1", ".0", ".a", "B", "_"];
    let pairs = feeds::pairs(&["RubyGems"], &own, &odd, PAIRS);
    agrees(Order::RubyGems, run("ruby", &[script("rubygems.rb")]), &pairs, none_excused);
}

#[test]
fn packagist_agrees_with_composer() {
    let own = [
        "1.0",
        "v1",
        "1.0-dev",
        "1.x-dev",
        "dev-main",
        "1.0-p1",
        "1.0.0-RC1",
        "20100102",
        "2010-01-02",
        "1.0-Stable",
        "master",
    ];
    let odd = [
        "-", ".", "0", "alpha", "a", "p", "dev", "-dev", "rc", ".x-dev", "stable", "+b", "v", "_", "@beta",
        "2010", "-1", "x",
    ];
    let pairs = feeds::pairs(&["Packagist"], &own, &odd, PAIRS);
    agrees(Order::Packagist, run("php", &[script("packagist.php")]), &pairs, none_excused);
}

#[test]
fn debian_agrees_with_dpkg() {
    let own = [
        "1.0",
        "1.0-1",
        "0:1.0",
        "1:1.0",
        "1.0~rc1",
        "1.0+b1",
        "1.0-0",
        "a",
        "1.0.",
        "1-",
        "1:",
        "1.0-1~bpo1",
    ];
    let odd = ["-", ".", "0", "~", "+", "a", ":", "~~", "1:", "-1", "Z", "_"];
    let pairs = feeds::pairs(&["Debian"], &own, &odd, PAIRS);
    agrees(Order::Dpkg, run("perl", &[script("dpkg.pl")]), &pairs, |_, _, _, theirs| theirs == '.');
}

#[test]
fn almalinux_agrees_with_rpm() {
    let own = [
        "1.0", "1.0-1", "0:1.0", "1:1.0", "1.0~rc1", "1.0^git1", "1.0-", "-1", ":1", "a:1", "1.0.", "1.0~",
        "1.0^", "^", "~",
    ];
    let odd = ["-", ".", "0", "~", "^", "a", ":", "~~", "1:", "-1", "Z", "_", "^a", "~1"];
    let pairs = feeds::pairs(&["AlmaLinux"], &own, &odd, PAIRS);
    agrees(Order::Rpm, run("/usr/bin/python3", &[script("rpm_order.py")]), &pairs, none_excused);
}

#[test]
fn go_agrees_with_mod_semver() {
    let own = [
        "1.0.0",
        "v1",
        "v1.2",
        "1.2-pre",
        "1.0.0-0.20200101000000-aaaaaaaaaaaa",
        "2.0.0+incompatible",
        "1.0.0-rc.1",
    ];
    let odd = ["-", ".", "0", "-rc", "+incompatible", "v", "-0.", "01", "x"];
    let pairs = feeds::pairs(&["Go"], &own, &odd, PAIRS);
    agrees(Order::Go, run(tools().join("go/go-order"), &[]), &pairs, none_excused);
}

#[test]
fn hex_agrees_with_elixir() {
    let own = ["1.0.0", "1.0.0-a", "1.0.0-1", "1.0.0-01", "1.0", "1.0.0+b", "1.0.0-a.b"];
    let odd = ["-", ".", "0", "-rc", "+b", "1", "a", "v"];
    let pairs = feeds::pairs(&["Hex", "npm"], &own, &odd, PAIRS / 4);
    agrees(Order::Hex, run("elixir", &[script("hex.exs")]), &pairs, none_excused);
}
