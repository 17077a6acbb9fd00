//! Files of the program's own: for the user alone, whole lines, and never another user's.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, OFlags, flock};

/// Bits of a mode that let others read or write a file.
const FILE_OTHERS: u32 = 0o077;
/// Bits of a mode that let others write into a folder.
const FOLDER_OTHERS: u32 = 0o022;
/// The bit of a mode that lets only owners remove files of a folder.
const STICKY: u32 = 0o1000;

/// Makes a folder and its parents for the user alone. A folder that is there must not let others write into it: one of
/// the user's own is tightened, another's is refused.
///
/// # Errors
/// It cannot be made, or others can write into it.
pub fn folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let found = std::fs::metadata(path)?;
    let mode = found.mode();
    if mode & FOLDER_OTHERS == 0 || mode & STICKY != 0 {
        return Ok(());
    }
    if found.uid() != user() {
        return Err(refused(path, "others can write into this folder: use a folder of your own"));
    }
    tracing::warn!(path = %path.display(), "others could write into this folder: its mode is 0700 now");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o700))
}

/// Opens a file for the user alone; `options` say how. A symbolic link is refused, and so is another user's file; a
/// file of the user's own that others could read or write is tightened to 0600.
///
/// # Errors
/// It cannot be opened, or is not the user's own.
pub fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let no_follow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let file = options.mode(0o600).custom_flags(no_follow).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(refused(path, "it is not an ordinary file"));
    }
    if found.uid() != user() {
        let uid = found.uid();
        return Err(refused(
            path,
            &format!("it belongs to another user (uid {uid}): remove it or use another path"),
        ));
    }
    if found.mode() & FILE_OTHERS != 0 {
        tracing::warn!(path = %path.display(), "others could read this file: its mode is 0600 now");
        file.set_permissions(PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}

/// Reads a file of the user's own, at most `limit` bytes of it.
///
/// # Errors
/// As [`open`], or it cannot be read.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, OpenOptions::new().read(true))?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Puts a file of mode 0600 in the place of the one at `path`: whole and on the disk, or not at all.
///
/// # Errors
/// The folder or the file cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    folder(parent)?;
    // Temporary files are made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(parent)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn refused(path: &Path, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, format!("{}: {why}", path.display()))
}

/// A file of lines that only grows, and that several processes may share. A line is whole or not there: the part of a
/// line that a full disk or a crash left is cut off before the next one is written.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    file: Mutex<File>,
}

impl Lines {
    /// Opens the file, or makes it with its folder.
    ///
    /// # Errors
    /// As [`folder`] and [`open`].
    pub fn open(path: &Path) -> io::Result<Self> {
        folder(path.parent().unwrap_or(Path::new("")))?;
        let file = open(path, OpenOptions::new().create(true).read(true).append(true))?;
        let lines = Self { path: path.to_owned(), file: Mutex::new(file) };
        lines.locked(mend)?;
        Ok(lines)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends one line, without its end, and waits until it is on the disk.
    ///
    /// # Errors
    /// It cannot be written; then nothing of it stays.
    pub fn append(&self, line: &[u8]) -> io::Result<()> {
        self.locked(|file| {
            mend(file)?;
            let before = file.metadata()?.len();
            let whole = [line, b"\n"].concat();
            let written = file.write_all(&whole).and_then(|()| file.sync_data());
            if written.is_err() {
                file.set_len(before)?;
            }
            written
        })
    }

    /// Runs `change` while no other process that shares the file changes it.
    fn locked<T>(&self, change: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A file system without locks is used without them.
        let held = flock(&*file, FlockOperation::LockExclusive).is_ok();
        let changed = change(&mut file);
        if held {
            let _ = flock(&*file, FlockOperation::Unlock);
        }
        changed
    }
}

/// Cuts off what follows the last end of a line.
fn mend(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let mut end = length;
    let mut block = [0_u8; 4096];
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let part = &mut block[..usize::try_from(end - start).unwrap_or_default()];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(at) = memchr::memrchr(b'\n', part) {
            end = start + at as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length {
        file.set_len(end)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn loosen(path: &Path, mode: u32) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_torn_line_is_cut_off_before_the_next_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("lines.jsonl");
        std::fs::write(&path, "{\"a\":1}\n{\"b\":").unwrap();
        let lines = Lines::open(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"a\":1}\n");
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"torn").unwrap();
        lines.append(b"{\"c\":3}").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"a\":1}\n{\"c\":3}\n");
    }

    #[test]
    fn a_torn_line_of_many_blocks_is_cut_off_whole() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("lines.jsonl");
        for before in ["", "{}\n"] {
            std::fs::write(&path, format!("{before}{}", "x".repeat(20_000))).unwrap();
            Lines::open(&path).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
        }
    }

    #[test]
    fn a_loose_file_and_a_loose_folder_of_ones_own_are_tightened() {
        let home = tempfile::tempdir().unwrap();
        let within = home.path().join("state");
        let path = within.join("audit.jsonl");
        Lines::open(&path).unwrap();
        assert_eq!((mode(&within), mode(&path)), (0o700, 0o600));
        loosen(&within, 0o777);
        loosen(&path, 0o664);
        Lines::open(&path).unwrap();
        assert_eq!((mode(&within), mode(&path)), (0o700, 0o600));
    }

    #[test]
    fn a_link_and_what_is_no_file_are_refused() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("other"), "").unwrap();
        let link = home.path().join("link");
        std::os::unix::fs::symlink(home.path().join("other"), &link).unwrap();
        assert!(Lines::open(&link).is_err());
        assert!(open(home.path(), OpenOptions::new().read(true)).is_err());
    }

    #[test]
    fn a_file_of_another_user_is_refused_with_the_reason() {
        // Only root can make one; for anybody else files of root are at hand.
        let home = tempfile::tempdir().unwrap();
        let mut path = home.path().join("theirs");
        std::fs::write(&path, "").unwrap();
        if std::os::unix::fs::chown(&path, Some(12_345), None).is_err() {
            path = PathBuf::from("/etc/passwd");
        }
        let error = open(&path, OpenOptions::new().read(true)).unwrap_err();
        assert!(error.to_string().contains("belongs to another user"), "{error}");
    }
}
