//! A terminal that goes, in six ways: the real program ends within a second, without a spin and without a core.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use floorwalker::clock;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::board::{Board, PROGRAM, QUEUE};
use crate::support::outside;
use crate::support::pty::{LIMIT, Stage, Watch, processor_ms};

const SIZE: (u16, u16) = (120, 30);

/// How long the program may take to end.
const SECOND: Duration = Duration::from_secs(1);

/// How much processor time it may take for that, milliseconds.
const PROCESSOR_MS: u64 = 300;

/// Notes the process that becomes the program, so that it can be watched whoever its parent is.
const NOTED: &str = "ulimit -c unlimited; echo $$ > pid.new; mv pid.new pid; exec board";

/// Waits for what a condition gives, with a limit.
fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let began = clock::moment();
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(clock::moment().since(began) < LIMIT, "{what} did not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn noted(board: &Board) -> Pid {
    let raw =
        until("the program", || fs::read_to_string(board.file("pid")).ok()?.trim().parse().ok());
    Pid::from_raw(raw).unwrap()
}

/// Whether a process runs, and is not only waited for.
fn runs(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    let state = stat.ok().and_then(|stat| stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned()));
    state.is_some_and(|state| !state.starts_with(['Z', 'X']))
}

/// The terminal goes by `hang_up`; asserts that the program does, in time and at little cost.
fn ends(board: &Board, way: &str, pid: Pid, hang_up: impl FnOnce()) {
    let (before, began) = (processor_ms(pid), clock::moment());
    hang_up();
    let mut used = before;
    while runs(pid) {
        used = used.max(processor_ms(pid));
        let took = clock::moment().since(began);
        assert!(took < SECOND, "{way}: it still runs after {took:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = clock::moment().since(began);
    assert!(took < SECOND, "{way}: it took {took:?}");
    assert!(used - before <= PROCESSOR_MS, "{way}: {} ms of processor time", used - before);
    let mut left = fs::read_dir(board.home.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let core = left.find(|name| name.to_string_lossy().starts_with("core"));
    assert_eq!(core, None, "{way}: a core");
}

/// The program's exit code as a shell behind it noted it: for a signal 128 and its number.
fn code(board: &Board) -> u32 {
    until("the exit code", || fs::read_to_string(board.file("code")).ok()?.trim().parse().ok())
}

fn shown(stage: &Stage) {
    stage.until_seen(&Watch::new(SIZE.0, SIZE.1), "the board", |screen| {
        screen.contents().contains(QUEUE)
    });
}

#[test]
fn a_window_that_is_closed_ends_it() {
    let ways = [
        (
            "the signal has its default",
            format!("trap : HUP; (trap - HUP; {NOTED}); echo $? > code"),
        ),
        ("the parent ignores the signal", format!("trap '' HUP; ({NOTED}); echo $? > code")),
    ];
    for (way, script) in ways {
        let board = Board::new();
        let mut stage = Stage::start(board.script(&script), SIZE.0, SIZE.1);
        shown(&stage);
        let pid = noted(&board);
        ends(&board, way, pid, || stage.hang_up("\u{c}"));
        assert_eq!(code(&board), 129, "{way}");
        stage.end();
    }
}

#[test]
fn a_window_that_is_closed_ends_it_also_in_the_place_of_its_shell() {
    let on_the_terminal =
        NOTED.replace("exec board", "exec board < /dev/tty > /dev/tty 2> /dev/tty");
    let ways = [
        ("the signal is ignored", format!("trap '' HUP; {NOTED}")),
        (
            "under nohup",
            format!("exec nohup /bin/sh -c '{}'", on_the_terminal.replace("board", "\"$BOARD\"")),
        ),
    ];
    for (way, script) in ways {
        let board = Board::new();
        let mut command = board.script(&script);
        command.env("BOARD", PROGRAM);
        let mut stage = Stage::start(command, SIZE.0, SIZE.1);
        shown(&stage);
        let pid = noted(&board);
        ends(&board, way, pid, || stage.hang_up("\u{c}"));
        let end = stage.end();
        assert_eq!((end.code, end.signal), (129, None), "{way}");
    }
}

/// The program's environment as a shell sets it.
fn exported(board: &Board) -> String {
    let all = board.environment();
    let lines: Vec<String> =
        all.iter().map(|(name, value)| format!("export {name}='{value}'; ")).collect();
    lines.concat()
}

/// A script for a shell that lives through the hang-up and notes what the program ended with.
fn outliving(board: &Board) -> String {
    let (home, noted) =
        (board.home.path().display(), NOTED.replace("board", &format!("'{PROGRAM}'")));
    format!(
        "#!/bin/sh\n{}cd '{home}'\ntrap : HUP\n(trap - HUP; {noted})\necho $? > code\n",
        exported(board)
    )
}

#[test]
fn a_tmux_session_that_is_killed_ends_it() {
    let Some(tmux) = outside::program("tmux", "the end of a tmux session") else { return };
    let board = Board::new();
    fs::write(board.file("script"), outliving(&board)).unwrap();
    let tmux = |args: &[&str]| {
        let mut command = Command::new(&tmux);
        command.args(["-u", "-S", "socket", "-f", "/dev/null"]).args(args);
        command.current_dir(board.home.path()).env_remove("TMUX").env("LC_ALL", "C.UTF-8");
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    tmux(&["new-session", "-d", "-s", "floor", "-x", "120", "-y", "30", "/bin/sh script"]);
    until("the board", || tmux(&["capture-pane", "-p"]).contains(QUEUE).then_some(()));
    ends(&board, "tmux kill-session", noted(&board), || {
        tmux(&["kill-session", "-t", "floor"]);
    });
    assert_eq!(code(&board), 129);
    tmux(&["kill-server"]);
}

/// An ssh daemon of the test's own on loopback, and the key that it takes.
struct Ssh {
    folder: TempDir,
    port: u16,
    daemon: Child,
}

impl Drop for Ssh {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// Starts a daemon, or tells why that does not go.
fn daemon(sshd: &Path, keygen: &Path) -> Result<Ssh, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    for key in ["host", "own"] {
        let mut command = Command::new(keygen);
        command.args(["-q", "-t", "ed25519", "-N", "", "-f", &file(key)]);
        assert!(command.status().unwrap().success());
    }
    fs::copy(file("own.pub"), file("authorized")).unwrap();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let config = format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\n\
         StrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\nPrintMotd no\n",
        file("host"),
        file("authorized"),
    );
    fs::write(file("config"), config).unwrap();
    let log = fs::File::create(file("log")).unwrap();
    let mut command = Command::new(sshd);
    command.args(["-D", "-e", "-f", &file("config")]);
    let daemon = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let mut ssh = Ssh { folder, port, daemon };
    let log = ssh.folder.path().join("log");
    let said = || fs::read_to_string(&log).unwrap();
    until("the daemon", || {
        (said().contains("listening") || ssh.daemon.try_wait().unwrap().is_some()).then_some(())
    });
    if said().contains("listening") { Ok(ssh) } else { Err(said().trim().to_owned()) }
}

#[test]
fn an_ssh_client_that_is_killed_ends_it() {
    let test = "the end of an ssh client";
    let programs = ["sshd", "ssh", "ssh-keygen"].map(|name| outside::program(name, test));
    let [Some(sshd), Some(client), Some(keygen)] = programs else { return };
    let ssh = match daemon(&sshd, &keygen) {
        Ok(ssh) => ssh,
        Err(why) => return outside::skipped(test, &format!("sshd does not start: {why}")),
    };
    let board = Board::new();
    fs::write(board.file("script"), outliving(&board)).unwrap();
    let file = |name: &str| ssh.folder.path().join(name).display().to_string();
    let mut command = Command::new(client);
    command.args(["-tt", "-F", "none", "-p", &ssh.port.to_string(), "-i", &file("own")]);
    for option in
        ["StrictHostKeyChecking=no", "BatchMode=yes", "LogLevel=ERROR", "IdentitiesOnly=yes"]
    {
        command.args(["-o", option]);
    }
    command.args(["-o", &format!("UserKnownHostsFile={}", file("known")), "127.0.0.1"]);
    command
        .arg(format!("stty columns 120 rows 30; exec /bin/sh {}", board.file("script").display()));
    let output = fs::File::create(board.file("output")).unwrap();
    let errors = fs::File::create(board.file("errors")).unwrap();
    let mut client = command.stdin(Stdio::piped()).stdout(output).stderr(errors).spawn().unwrap();
    until("the board through ssh", || {
        let bytes = fs::read(board.file("output")).unwrap();
        let ended = !bytes.windows(QUEUE.len()).any(|part| part == QUEUE.as_bytes());
        let errors = fs::read_to_string(board.file("errors")).unwrap();
        assert!(errors.is_empty(), "{errors}{}", fs::read_to_string(file("log")).unwrap());
        (!ended).then_some(())
    });
    let pid = noted(&board);
    ends(&board, "the ssh client is killed", pid, || {
        kill_process(Pid::from_child(&client), Signal::KILL).unwrap();
    });
    assert_eq!(code(&board), 129);
    let _ = client.stdin.take().map(|mut stdin| stdin.flush());
    client.wait().unwrap();
}
