//! R8: the units of the relay and of the wall keep what they need and nothing else.

use std::process::Command;

use crate::support::outside;

const UNITS: [(&str, &str); 2] = [
    ("floorwalker-relay.service", include_str!("../../../.packaging/floorwalker-relay.service")),
    ("floorwalker-wall.service", include_str!("../../../.packaging/floorwalker-wall.service")),
];

#[test]
fn r8_every_unit_is_hardened() {
    for (name, text) in UNITS {
        for line in [
            "UMask=0077",
            "StateDirectoryMode=0700",
            "ProtectProc=invisible",
            "RemoveIPC=yes",
            "SystemCallFilter=@system-service",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
        ] {
            assert!(text.lines().any(|own| own == line), "{name} lacks {line}");
        }
    }
}

#[test]
fn r8_systemd_takes_every_line_of_the_units() {
    let test = "r8_systemd_takes_every_line_of_the_units";
    let Some(program) = outside::program("systemd-analyze", test) else { return };
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in UNITS {
        let path = folder.path().join(name);
        // The program need not be installed here.
        std::fs::write(&path, text.replace("/usr/local/bin/floorwalker", "/bin/true")).unwrap();
        let out = Command::new(&program).arg("verify").arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        let own: Vec<&str> = said.lines().filter(|line| line.contains(name)).collect();
        assert!(own.is_empty(), "{own:#?}");
    }
}
