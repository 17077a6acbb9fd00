//! Reading a secret from a file or a command, with what makes either unsafe refused.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::{FileType, Mode, OFlags, Stat};
use secrecy::SecretString;
use tokio::io::AsyncReadExt;
use zeroize::Zeroizing;

use super::SecretError;

/// No ticket, key or token is longer: 64 KiB.
const LIMIT: u64 = 64 * 1024;

/// A password manager may ask the user for a passphrase first.
const PATIENCE: Duration = Duration::from_secs(30);

/// The content of a file that nobody else can read or could have put there.
pub(crate) async fn read_file(path: &Path) -> Result<SecretString, SecretError> {
    let path = path.to_owned();
    let shown = path.display().to_string();
    tokio::task::spawn_blocking(move || read_file_now(&path))
        .await
        .map_err(|error| SecretError::Open { path: shown, source: std::io::Error::other(error) })?
}

fn read_file_now(path: &Path) -> Result<SecretString, SecretError> {
    let shown = || path.display().to_string();
    // Not blocking, so that a pipe without a writer does not hold us for ever.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| match errno {
        rustix::io::Errno::LOOP | rustix::io::Errno::MLINK => SecretError::Link { path: shown() },
        errno => SecretError::Open { path: shown(), source: errno.into() },
    })?;
    let stat = rustix::fs::fstat(&file)
        .map_err(|errno| SecretError::Open { path: shown(), source: errno.into() })?;
    judge(path, &stat, rustix::process::geteuid().as_raw(), handed_over(path))?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    std::fs::File::from(file)
        .take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| SecretError::Open { path: shown(), source })?;
    text(&bytes, || format!("the file {}", shown()))
}

/// Whether the service manager put the file there for this service alone (systemd's `LoadCredential`).
fn handed_over(path: &Path) -> bool {
    std::env::var_os("CREDENTIALS_DIRECTORY")
        .is_some_and(|dir| !dir.is_empty() && path.parent() == Some(&PathBuf::from(dir)))
}

/// Refuses a file that others could read, or that another user could have put there.
///
/// A credential that the service manager handed over belongs to root and shows an access list as group bits.
fn judge(path: &Path, stat: &Stat, user: u32, handed_over: bool) -> Result<(), SecretError> {
    let shown = path.display().to_string();
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(SecretError::Irregular { path: shown });
    }
    if stat.st_uid != user && !(handed_over && stat.st_uid == 0) {
        return Err(SecretError::Owner { path: shown });
    }
    let mode = Mode::from_raw_mode(stat.st_mode).as_raw_mode();
    let forbidden = if handed_over { 0o137 } else { 0o177 };
    if mode & forbidden != 0 {
        return Err(SecretError::Mode { path: shown, mode: mode & 0o777 });
    }
    Ok(())
}

/// What a program prints. It gets no input, and what it says on standard error goes nowhere: the terminal
/// is ours, and a log must not learn a secret.
pub(super) async fn read_command(words: &[String]) -> Result<SecretString, SecretError> {
    let (program, arguments) = words.split_first().map_or(("", words), |(p, a)| (p.as_str(), a));
    let shown = || Path::new(program).file_name().unwrap_or(OsStr::new("")).display().to_string();
    let failed = |source| SecretError::Run { program: shown(), source };
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let out = child.stdout.take();
    let run = async {
        let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
        if let Some(out) = out {
            out.take(LIMIT + 1).read_to_end(&mut bytes).await.map_err(failed)?;
        }
        let status = child.wait().await.map_err(failed)?;
        if status.success() {
            text(&bytes, || format!("the command {}", shown()))
        } else {
            Err(SecretError::Exit { program: shown(), status })
        }
    };
    tokio::time::timeout(PATIENCE, run)
        .await
        .unwrap_or_else(|_| Err(SecretError::Slow { program: shown(), limit: PATIENCE }))
}

fn text(bytes: &[u8], place: impl Fn() -> String) -> Result<SecretString, SecretError> {
    if bytes.len() as u64 > LIMIT {
        return Err(SecretError::TooLong { place: place() });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(SecretString::from(trim(text.to_owned()))),
        Err(_) => Err(SecretError::NotText { place: place() }),
    }
}

/// Takes the one line end off that editors and programs put behind the last line.
pub(super) fn trim(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    use super::super::{Secret, SecretSource};
    use super::*;

    fn stat_of(path: &Path) -> Stat {
        rustix::fs::stat(path).unwrap()
    }

    fn file(dir: &tempfile::TempDir, text: &str, mode: u32) -> PathBuf {
        let path = dir.path().join("secret");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[derive(serde::Deserialize)]
    struct Holder {
        ticket: SecretSource,
    }

    fn parsed(text: &str) -> Result<SecretSource, String> {
        toml::from_str::<Holder>(text).map(|h| h.ticket).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn a_file_for_its_owner_alone_is_read_and_its_last_line_end_dropped() {
        let dir = tempfile::tempdir().unwrap();
        for (content, wanted) in [("abc\n", "abc"), ("abc\r\n", "abc"), (" a b ", " a b ")] {
            let path = file(&dir, content, 0o600);
            assert_eq!(read_file_now(&path).unwrap().expose_secret(), wanted);
        }
        assert!(read_file_now(&file(&dir, "abc", 0o400)).is_ok());
    }

    #[test]
    fn a_looser_file_is_refused_with_the_cure() {
        let dir = tempfile::tempdir().unwrap();
        for mode in [0o644, 0o640, 0o604, 0o660, 0o700, 0o622] {
            let error = read_file_now(&file(&dir, "abc", mode)).unwrap_err();
            assert!(matches!(error, SecretError::Mode { .. }), "{mode:o}");
            assert!(error.to_string().contains("chmod 600"), "{error}");
            assert!(error.to_string().contains(&format!("{mode:04o}")), "{error}");
        }
    }

    #[test]
    fn links_directories_pipes_and_strangers_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, "abc", 0o600);
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(read_file_now(&link), Err(SecretError::Link { .. })));
        assert!(matches!(read_file_now(dir.path()), Err(SecretError::Irregular { .. })));
        let pipe = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(read_file_now(&pipe), Err(SecretError::Irregular { .. })));
        let stat = stat_of(&path);
        let judged = judge(&path, &stat, stat.st_uid + 1, false);
        assert!(matches!(judged, Err(SecretError::Owner { .. })));
        let missing = dir.path().join("missing");
        assert!(matches!(read_file_now(&missing), Err(SecretError::Open { .. })));
    }

    #[test]
    fn a_credential_of_the_service_manager_may_be_roots() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, "abc", 0o440);
        let mut stat = stat_of(&path);
        stat.st_uid = 0;
        assert!(judge(&path, &stat, 1000, true).is_ok());
        assert!(judge(&path, &stat, 1000, false).is_err());
        stat.st_uid = 1001;
        assert!(judge(&path, &stat, 1000, true).is_err());
    }

    #[test]
    fn configuration_takes_a_string_or_exactly_one_key() {
        assert!(matches!(parsed(r#"ticket = "abc""#), Ok(SecretSource::Literal(_))));
        assert!(matches!(parsed(r#"ticket = { env = "X" }"#), Ok(SecretSource::Env(_))));
        assert!(matches!(parsed(r#"ticket = { file = "/x" }"#), Ok(SecretSource::File(_))));
        let command = parsed(r#"ticket = { command = ["pass", "show", "x"] }"#);
        assert!(matches!(command, Ok(SecretSource::Command(words)) if words.len() == 3));
        assert!(matches!(parsed(r#"ticket = { keyring = "x" }"#), Ok(SecretSource::Keyring(_))));
        assert!(parsed("ticket = {}").unwrap_err().contains("exactly one"));
        let both = parsed(r#"ticket = { env = "X", file = "/x" }"#);
        assert!(both.unwrap_err().contains("exactly one"));
        assert!(parsed(r#"ticket = { enw = "X" }"#).unwrap_err().contains("enw"));
        assert!(parsed("ticket = { command = [] }").unwrap_err().contains("program"));
    }

    #[test]
    fn nothing_that_holds_a_secret_prints_it() {
        let source = parsed(r#"ticket = "canary-7""#).unwrap();
        let secret = Secret::new(source.clone());
        assert!(!format!("{source:?} {source} {secret:?} {secret:#?}").contains("canary-7"));
    }

    #[tokio::test]
    async fn the_keyring_is_an_error_that_names_the_other_ways() {
        let error = Secret::new(SecretSource::Keyring("x".into())).current().await.unwrap_err();
        assert!(error.to_string().contains("env, file or command"), "{error}");
    }

    #[tokio::test]
    async fn a_command_runs_again_only_when_asked_and_once_for_all_who_ask() {
        let dir = tempfile::tempdir().unwrap();
        let count = dir.path().join("count");
        let script = format!("echo x >> {0}; wc -l < {0}", count.display());
        let words = ["sh", "-c", &script].map(str::to_owned).to_vec();
        let secret = Secret::new(SecretSource::Command(words));
        let first = secret.current().await.unwrap();
        assert_eq!(first.expose().trim(), "1");
        assert_eq!(secret.current().await.unwrap().expose().trim(), "1");
        let renewals = (0..20).map(|_| secret.renew(&first));
        let renewed = futures_util::future::join_all(renewals).await;
        assert!(renewed.into_iter().all(Result::unwrap));
        assert_eq!(secret.current().await.unwrap().expose().trim(), "2");
        assert!(secret.reread().await.unwrap());
    }

    #[tokio::test]
    async fn a_failing_command_is_named_without_what_it_said() {
        let run = |script: &str| {
            let words = ["sh", "-c", script].map(str::to_owned).to_vec();
            async move { Secret::new(SecretSource::Command(words)).current().await.unwrap_err() }
        };
        let error = run("echo canary; echo canary >&2; exit 3").await;
        assert!(matches!(error, SecretError::Exit { .. }));
        assert!(!format!("{error} {error:?}").contains("canary"));
        assert!(matches!(run("true").await, SecretError::Empty { .. }));
        assert!(matches!(run("printf '\\377'").await, SecretError::NotText { .. }));
        let words = vec!["/nonexistent/program".to_owned()];
        let missing = Secret::new(SecretSource::Command(words)).current().await;
        assert!(matches!(missing, Err(SecretError::Run { .. })));
        let long = run("yes | head -c 100000").await;
        assert!(matches!(long, SecretError::TooLong { .. } | SecretError::Exit { .. }), "{long}");
    }

    #[tokio::test]
    async fn a_changed_file_is_seen_at_the_next_reading() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, "one\n", 0o600);
        let secret = Secret::new(SecretSource::File(path.clone()));
        let first = secret.current().await.unwrap();
        assert!(!secret.reread().await.unwrap());
        std::fs::write(&path, "two\n").unwrap();
        assert_eq!(secret.current().await.unwrap().expose(), "one");
        assert!(secret.renew(&first).await.is_ok());
        assert!(secret.reread().await.is_ok());
        assert_eq!(secret.current().await.unwrap().expose(), "two");
    }
}
