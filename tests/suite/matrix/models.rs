//! A mark behind a hostile name stands in its column in four terminals, each with its own table of widths.
//!
//! Two of them print their screen as lines of text, from which no column can be read. So each mark is written
//! over by an absolute move to where it has to stand: of one that stood elsewhere something is left.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::term::test::TermSize;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::Processor;
use floorwalker::clock;
use floorwalker::terminal::Coder;
use floorwalker::text::Shown;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr as _;

use crate::hygiene::vendors::{marked, poisoned};
use crate::support::hostile::{Hostile, corpus, giants};
use crate::support::outside;
use crate::support::pty::{self, LIMIT};
use crate::support::screen::TestScreen;

const SIZE: (u16, u16) = (100, 24);

/// What is written over a mark.
const OVER: char = '#';

/// Where marks stand: by row and column.
type Places = Vec<(u16, u16)>;

/// A terminal that shows bytes, and tells what its lines hold then.
trait Model {
    fn lines(&mut self, bytes: &[u8]) -> Vec<String>;
}

fn frame(name: &str) -> Buffer {
    TestScreen::new(marked(name).state, SIZE.0, SIZE.1).buffer()
}

/// The columns of every figure of a plain name's rows.
fn places() -> Places {
    let buffer = frame("Support");
    let mut places = Vec::new();
    for y in 0..SIZE.1 {
        for mark in ["7", "8", "9"] {
            let symbol = |x: u16| buffer[(x, y)].symbol();
            let three = |x: &u16| (*x..*x + 3).all(|x| symbol(x) == mark);
            places.extend((0..SIZE.0 - 2).rev().find(three).map(|x| (y, x)));
        }
    }
    assert_eq!(places.len(), 4 * 3, "four rows of three marks, one row of them selected");
    let looks: BTreeSet<String> =
        places.iter().map(|(y, x)| format!("{:?}", buffer[(*x, *y)].style())).collect();
    assert!(looks.len() >= 4, "marks are coloured, and otherwise where selected: {looks:?}");
    places
}

/// One frame after another as bytes, with the marks of the second written over.
fn covered(before: &Buffer, buffer: &Buffer, places: &Places) -> Vec<u8> {
    let (mut coder, mut bytes) = (Coder::new(), Vec::new());
    coder.repaint(before, &mut bytes);
    coder.encode(before, buffer, &mut bytes);
    for (y, x) in places {
        write!(bytes, "\x1b[{};{}H{}", y + 1, x + 1, OVER.to_string().repeat(3)).unwrap();
    }
    bytes
}

/// The lines of a buffer, with its marks written over.
fn expected(buffer: &Buffer, places: &Places) -> Vec<String> {
    let is_over = |x: u16, y: u16| places.iter().any(|p| p.0 == y && (p.1..p.1 + 3).contains(&x));
    let mut lines = Vec::new();
    for y in 0..SIZE.1 {
        let (mut line, mut x) = (String::new(), 0);
        while x < SIZE.0 {
            let symbol = buffer[(x, y)].symbol();
            if is_over(x, y) {
                line.push(OVER);
                x += 1;
            } else {
                line.push_str(symbol);
                x += u16::try_from(symbol.width().max(1)).unwrap();
            }
        }
        lines.push(line);
    }
    lines
}

/// The ASCII of a line without blanks, which not every model prints. Of other characters a terminal may leave out
/// those that it does not know, as long as their columns are theirs.
fn squeezed(line: &str) -> String {
    line.chars().filter(char::is_ascii_graphic).collect()
}

/// Every hostile name in this terminal, each after another, with the marks behind it where they stand behind a
/// plain one.
fn holds(model: &mut impl Model) {
    let places = places();
    let plain: Hostile = ("a plain name", "Support".to_owned());
    let mut before = frame("");
    for (label, text) in std::iter::once(plain).chain(corpus()).chain(giants()) {
        let buffer = frame(&poisoned(&text));
        let shown = model.lines(&covered(&before, &buffer, &places));
        for (y, line) in expected(&buffer, &places).iter().enumerate() {
            let found = shown.get(y).map_or("", String::as_str);
            assert_eq!(squeezed(found), squeezed(line), "{label}, row {y}:\n{}", shown.join("\n"));
        }
        before = buffer;
    }
}

/// How far apart single characters are written.
const APART: u16 = 8;

/// Texts of one character behind `base` that are shown as they come: all of the planes' busy parts, some of the rest.
fn shown_as_they_come(base: &str) -> Vec<String> {
    let busy =
        |c: u32| matches!(c, 0..0x3400 | 0xA000..0xAC00 | 0xF900..0x1_0000 | 0x1_F000..0x1_FC00);
    let looked_at = |c: &char| busy(u32::from(*c)) || u32::from(*c).is_multiple_of(37);
    let all = ('$'..='z').chain('~'..=char::MAX).filter(looked_at);
    all.map(|c| format!("{base}{c}")).filter(|text| *Shown::clean(text) == **text).collect()
}

/// What stands behind any character, alone, on a letter and on a wide one, stands in its column.
fn holds_behind_single_characters(model: &mut impl Model) {
    let mut wrong = Vec::new();
    let mut before = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
    let per_row = usize::from(SIZE.0 / APART);
    for base in ["", "a", "語"] {
        for part in shown_as_they_come(base).chunks(per_row * usize::from(SIZE.1)) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
            let mut over = Vec::new();
            for (y, row) in (0..SIZE.1).zip(part.chunks(per_row)) {
                for (x, text) in (0..SIZE.0).step_by(usize::from(APART)).zip(row) {
                    let behind = x + u16::try_from(text.width()).unwrap();
                    buffer.set_string(x, y, text, Style::new());
                    buffer.set_string(behind, y, "|", Style::new());
                    write!(over, "\x1b[{};{}H{OVER}", y + 1, behind + 1).unwrap();
                }
            }
            let (mut coder, mut bytes) = (Coder::new(), Vec::new());
            coder.repaint(&before, &mut bytes);
            coder.encode(&before, &buffer, &mut bytes);
            bytes.extend(over);
            before = buffer;
            let shown = model.lines(&bytes);
            for (line, row) in shown.iter().zip(part.chunks(per_row)) {
                if line.contains('|') || line.matches(OVER).count() != row.len() {
                    wrong.push(format!("{row:?} as {line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows, {:#?}", wrong.len(), &wrong[..wrong.len().min(40)]);
}

struct Vt100;

impl Model for Vt100 {
    fn lines(&mut self, bytes: &[u8]) -> Vec<String> {
        let shown = pty::shown(bytes, SIZE.0, SIZE.1);
        shown.screen().contents().lines().map(str::to_owned).collect()
    }
}

struct Alacritty;

impl Model for Alacritty {
    fn lines(&mut self, bytes: &[u8]) -> Vec<String> {
        let (columns, rows) = (usize::from(SIZE.0), usize::from(SIZE.1));
        let size = TermSize::new(columns, rows);
        let mut terminal = Term::new(Config::default(), &size, VoidListener);
        Processor::<alacritty_terminal::vte::ansi::StdSyncHandler>::new()
            .advance(&mut terminal, bytes);
        let line = |y: usize| {
            let row = &terminal.grid()[Line(i32::try_from(y).unwrap())];
            let cells = (0..columns).map(|x| &row[Column(x)]);
            let shown = cells.filter(|cell| !cell.flags.contains(Flags::WIDE_CHAR_SPACER));
            let chars = shown
                .flat_map(|cell| std::iter::once(&cell.c).chain(cell.zerowidth().unwrap_or(&[])));
            chars.collect()
        };
        (0..rows).map(line).collect()
    }
}

/// A tmux server of the test's own, whose one pane shows what is written to a file.
struct Tmux {
    program: PathBuf,
    folder: TempDir,
    input: File,
    frames: u32,
}

impl Tmux {
    fn start(program: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("input");
        std::fs::write(folder.path().join("conf"), "set -g status off\n").unwrap();
        std::fs::write(&input, "").unwrap();
        let input = OpenOptions::new().append(true).open(input).unwrap();
        let mut tmux = Self { program, folder, input, frames: 0 };
        let (width, height) = (SIZE.0.to_string(), (SIZE.1 + 1).to_string());
        let begun = tmux.run(&[
            "new-session",
            "-d",
            "-x",
            &width,
            "-y",
            &height,
            "exec tail -c +1 -f input",
        ]);
        assert!(begun.status.success(), "{begun:?}");
        // The terminal below the pane is no place for our bytes until the shell has become `tail`.
        tmux.lines(b"\x1b[2J");
        tmux
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.args(["-u", "-S", "socket", "-f", "conf"]).args(args);
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm-256color").env("SHELL", "/bin/sh");
        command.current_dir(self.folder.path()).output().unwrap()
    }
}

impl Model for Tmux {
    fn lines(&mut self, bytes: &[u8]) -> Vec<String> {
        self.frames += 1;
        let end = format!("frame {} is over", self.frames);
        // A row below the frame tells that everything before it was read.
        self.input.write_all(bytes).unwrap();
        write!(self.input, "\x1b[m\x1b[{};1H{end}", SIZE.1 + 1).unwrap();
        let began = clock::moment();
        loop {
            let captured = self.run(&["capture-pane", "-p"]);
            let text = String::from_utf8(captured.stdout).unwrap();
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            if lines.last().is_some_and(|line| line.starts_with(&end)) {
                return lines;
            }
            assert!(clock::moment().since(began) < LIMIT, "tmux does not show it:\n{text}");
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

/// libvterm's own program that prints the screen which bytes make.
struct Libvterm {
    program: PathBuf,
    folder: TempDir,
}

/// How many bytes the program reads at a time. Of a character that is cut there it shows the two halves.
const READ: usize = 1024;

/// The same with NUL, which is nothing, in front of every character that would be cut.
fn whole_characters(bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    for c in std::str::from_utf8(bytes).unwrap().chars() {
        let left = READ - whole.len() % READ;
        if left < c.len_utf8() {
            whole.extend(std::iter::repeat_n(0, left));
        }
        whole.extend(c.encode_utf8(&mut [0; 4]).bytes());
    }
    whole
}

impl Model for Libvterm {
    fn lines(&mut self, bytes: &[u8]) -> Vec<String> {
        let file = self.folder.path().join("bytes");
        std::fs::write(&file, whole_characters(bytes)).unwrap();
        let mut command = Command::new(&self.program);
        command.args(["-l", &SIZE.1.to_string(), "-c", &SIZE.0.to_string()]).arg(file);
        let printed = command.output().unwrap();
        assert!(printed.status.success(), "{printed:?}");
        // A cell that a wide one covers is printed as what is no UTF-8, where a mark stands on the wide one.
        String::from_utf8_lossy(&printed.stdout).lines().map(str::to_owned).collect()
    }
}

#[test]
fn in_vt100_every_mark_stands_in_its_column() {
    holds(&mut Vt100);
    holds_behind_single_characters(&mut Vt100);
}

#[test]
fn in_alacritty_every_mark_stands_in_its_column() {
    holds(&mut Alacritty);
    holds_behind_single_characters(&mut Alacritty);
}

#[test]
fn in_tmux_every_mark_stands_in_its_column() {
    let Some(program) = outside::program("tmux", "marks in tmux") else { return };
    let mut tmux = Tmux::start(program);
    holds(&mut tmux);
    holds_behind_single_characters(&mut tmux);
}

#[test]
fn in_libvterm_every_mark_stands_in_its_column() {
    let Some(program) = outside::program("unterm", "marks in libvterm") else { return };
    let mut libvterm = Libvterm { program, folder: tempfile::tempdir().unwrap() };
    holds(&mut libvterm);
    holds_behind_single_characters(&mut libvterm);
}

#[test]
fn a_mark_that_is_off_by_one_column_is_found() {
    let places = places();
    let (buffer, mut off) = (frame("Support"), places.clone());
    off[5].1 += 1;
    let shown = Vt100.lines(&covered(&buffer, &buffer, &off));
    let row = usize::from(places[5].0);
    assert_ne!(squeezed(&shown[row]), squeezed(&expected(&buffer, &places)[row]));
}
