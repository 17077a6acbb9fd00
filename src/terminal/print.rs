//! Standard output and standard error, and the only texts that get there.
//!
//! A [`Line`] is put together from cleaned text, numbers, addresses and words of the program itself; a [`Page`] is
//! cleaned as a whole. Nothing else can be printed: a `String`, or a `Display` of whatever kind, does not compile here,
//! because what it holds may be a vendor's, or a path's, or an argument's.
//!
//! ```compile_fail
//! use floorwalker::terminal::print::Line;
//! let name = String::from("\u{1b}]52;c;\u{7}");
//! let line = Line::from(name.as_str());
//! ```

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;

pub use crate::text::Page;

use crate::text::Shown;

/// Where lines and pages are written.
pub struct Printer<'w> {
    writer: Box<dyn Write + Send + 'w>,
    terminal: bool,
}

impl fmt::Debug for Printer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printer").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

impl Printer<'static> {
    #[expect(clippy::disallowed_methods, reason = "here is where it is written to")]
    pub fn stdout() -> Self {
        let out = io::stdout();
        Self { terminal: out.is_terminal(), writer: Box::new(out) }
    }

    #[expect(clippy::disallowed_methods, reason = "here is where it is written to")]
    pub fn stderr() -> Self {
        let out = io::stderr();
        Self { terminal: out.is_terminal(), writer: Box::new(out) }
    }
}

impl<'w> Printer<'w> {
    pub fn to(writer: impl Write + Send + 'w) -> Self {
        Self { writer: Box::new(writer), terminal: false }
    }

    /// Whether a terminal shows it.
    pub const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Writes a line and ends it.
    ///
    /// # Errors
    /// The writer's.
    pub fn line(&mut self, line: impl Into<Line>) -> io::Result<()> {
        let mut line = line.into().0;
        line.push('\n');
        self.write(&line)
    }

    /// Writes a line that an answer is typed behind.
    ///
    /// # Errors
    /// The writer's.
    pub fn ask(&mut self, line: impl Into<Line>) -> io::Result<()> {
        self.write(&line.into().0)
    }

    /// Writes a page.
    ///
    /// # Errors
    /// The writer's.
    pub fn page(&mut self, page: &Page) -> io::Result<()> {
        self.write(page.as_str())
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_all(text.as_bytes())?;
        self.writer.flush()
    }
}

/// One line, or a part of one, that may be printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// Appends `part`.
    pub fn push(&mut self, part: impl Into<Self>) {
        self.0.push_str(&part.into().0);
    }
}

/// Words of the program itself.
impl From<&'static str> for Line {
    fn from(own: &'static str) -> Self {
        Self(own.to_owned())
    }
}

impl From<Shown> for Line {
    fn from(text: Shown) -> Self {
        Self(text.as_str().to_owned())
    }
}

impl From<&Shown> for Line {
    fn from(text: &Shown) -> Self {
        Self(text.as_str().to_owned())
    }
}

impl From<usize> for Line {
    fn from(number: usize) -> Self {
        Self(number.to_string())
    }
}

impl From<SocketAddr> for Line {
    fn from(address: SocketAddr) -> Self {
        Self(address.to_string())
    }
}

impl<const N: usize> From<[Self; N]> for Line {
    fn from(parts: [Self; N]) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

/// A [`Line`] of several parts, each of a kind that may be printed.
macro_rules! line {
    ($($part:expr),+ $(,)?) => {
        $crate::terminal::print::Line::from([$($crate::terminal::print::Line::from($part)),+])
    };
}
pub(crate) use line;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_put_together_from_what_may_be_printed() {
        let mut out = Vec::new();
        let mut printer = Printer::to(&mut out);
        printer.line(line!["took ", 3_usize, " from ", Shown::clean("a\u{1b}[2Jb")]).unwrap();
        printer.page(&Page::clean("x\u{202e}\n\ty\u{9b}\r\nz\rq\n")).unwrap();
        drop(printer);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "took 3 from a\u{fffd}[2Jb\nx\u{fffd}\n\ty\u{fffd}\r\nz\u{fffd}q\n");
    }
}
