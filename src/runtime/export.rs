//! The screen as a picture in a file.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::svg::svg;
use crate::state::State;
use crate::text::Shown;
use crate::ui::{self, Look};

/// Pictures that one second may have.
const IN_A_SECOND: u32 = 99;

/// What `state` shows, as an SVG document: without a notice, and with `mask` as `--mask` shows it.
pub fn picture(state: &State, look: &Look<'_>, mask: bool) -> String {
    let shown = state.portrait(mask);
    let (width, height) = shown.size;
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    ui::draw(&shown, look, &mut buffer, area);
    svg(&buffer, look.theme)
}

/// Writes a picture for the user alone, under a name of its own: a file that is there stays.
///
/// # Errors
/// A directory that cannot be written to, a full disk; then no half picture stays.
pub fn write(directory: &Path, at: NaiveDateTime, picture: &str) -> io::Result<PathBuf> {
    let stem = at.format("floorwalker-%Y%m%d-%H%M%S");
    for number in 1..=IN_A_SECOND {
        let path = directory.join(match number {
            1 => format!("{stem}.svg"),
            _ => format!("{stem}-{number}.svg"),
        });
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => {
                if let Err(error) = file.write_all(picture.as_bytes()) {
                    // The first error is the one to tell.
                    let _ = fs::remove_file(&path);
                    return Err(error);
                }
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Writes a picture into the current directory; says where, its name first, or why not.
///
/// # Errors
/// Why it is not written, for the reader.
pub fn here(at: NaiveDateTime, picture: &str) -> Result<Shown, Shown> {
    let directory = std::env::current_dir().map_err(|error| Shown::clean(&error.to_string()))?;
    match write(&directory, at, picture) {
        Ok(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok(Shown::clean(&format!("{name} in {}", directory.display())))
        }
        Err(error) => Err(Shown::clean(&format!("{error} in {}", directory.display()))),
    }
}
