//! What a terminal can show, as far as its name, its entry in the terminfo database and the environment tell.
//!
//! Nothing is asked of the terminal itself. The database may be absent: then the name alone speaks. Names that
//! promise more or less than the terminal does are known here.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;

use terminfo_lean::locate::locate;
use terminfo_lean::parse::parse;

use crate::text::Characters;
use crate::theme::Palette;

/// The largest entry of a terminfo database, bytes; ncurses reads no larger one.
const LARGEST_ENTRY: u64 = 32 * 1024;

/// From this version on, Terminal of macOS shows 24-bit colours.
const APPLE_DIRECT: u32 = 460;

/// From this version on, VTE (GNOME Terminal and its kin) shows 24-bit colours.
const VTE_DIRECT: u32 = 3600;

/// Terminals that show 24-bit colours, by the beginning of their names.
const DIRECT: [&str; 14] = [
    "xterm-kitty",
    "kitty",
    "alacritty",
    "foot",
    "wezterm",
    "xterm-ghostty",
    "ghostty",
    "contour",
    "iterm2",
    "rio",
    "xterm-rio",
    "ms-terminal",
    "st-",
    "konsole",
];

/// The same by `TERM_PROGRAM`: they call themselves xterm.
const DIRECT_PROGRAMS: [&str; 9] = [
    "iTerm.app",
    "WezTerm",
    "ghostty",
    "vscode",
    "WarpTerminal",
    "rio",
    "Tabby",
    "Hyper",
    "mintty",
];

/// Variables of the environment. An empty one counts as unset.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process.
    pub fn read() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn is_set(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.get(name)?.split('.').next()?.parse().ok()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self(variables.filter(|(_, value)| !value.is_empty()).collect())
    }
}

/// What the terminfo database says of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// How many colours it has; none where it has no colours.
    colours: Option<i32>,
    /// Whether it shows 24-bit colours: `RGB` or `Tc`.
    direct: bool,
    /// Whether the cursor can be placed.
    places_cursor: bool,
}

impl Entry {
    /// The entry of a terminal of that name, where the database has one.
    pub fn find(term: &str) -> Option<Self> {
        // A name is no path.
        if term.contains('/') || term.starts_with('.') {
            return None;
        }
        let mut bytes = Vec::new();
        let file = File::open(locate(term).ok()?).ok()?;
        file.take(LARGEST_ENTRY).read_to_end(&mut bytes).ok()?;
        Self::read(&bytes)
    }

    /// Reads a compiled entry.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let entry = parse(bytes).ok()?;
        let has = |name: &str| {
            entry.booleans.contains(name)
                || entry.numbers.contains_key(name)
                || entry.strings.contains_key(name)
        };
        Some(Self {
            colours: entry.numbers.get("colors").copied(),
            direct: has("RGB") || has("Tc"),
            places_cursor: has("cup"),
        })
    }
}

/// What a terminal can show.
#[derive(Debug, Clone)]
pub struct Capability {
    environment: Environment,
    entry: Option<Entry>,
}

/// Between the program and the terminal there may be a multiplexer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Multiplexer {
    Tmux,
    /// GNU screen, which misreads 24-bit colours unless it is told to take them.
    Screen,
}

impl Capability {
    /// What the terminal of this process can show.
    pub fn read() -> Self {
        let environment = Environment::read();
        let entry = environment.get("TERM").and_then(Entry::find);
        Self::new(environment, entry)
    }

    /// What a terminal can show in this environment, with this entry in the terminfo database.
    pub const fn new(environment: Environment, entry: Option<Entry>) -> Self {
        Self { environment, entry }
    }

    /// The name of the terminal, where it cannot place the cursor: then there is no screen to draw.
    pub fn without_cursor(&self) -> Option<&str> {
        let term = self.environment.get("TERM")?;
        let places = match self.entry {
            Some(entry) => entry.places_cursor,
            None => !matches!(term, "dumb" | "unknown" | "network" | "dialup" | "switch"),
        };
        (!places || term == "dumb").then_some(term)
    }

    pub fn palette(&self) -> Palette {
        let term = self.term();
        let direct = term.ends_with("-direct") || self.entry.is_some_and(|entry| entry.direct);
        if self.without_cursor().is_some() || self.has_no_colours() {
            return Palette::Mono;
        }
        if self.is_console() {
            return Palette::Vga;
        }
        if term.ends_with("-16color") || term.ends_with("-8color") || term.ends_with("-88color") {
            return Palette::Indexed16;
        }
        match self.multiplexer() {
            _ if direct => Palette::Rgb,
            Some(Multiplexer::Tmux) if self.says_direct() => Palette::Rgb,
            Some(_) => Palette::Indexed256,
            None if self.is_old_apple() => Palette::Indexed256,
            None if self.says_direct() || self.is_known_direct() => Palette::Rgb,
            None if self.has_256() => Palette::Indexed256,
            None => Palette::Indexed16,
        }
    }

    /// Its characters: a console's font has few, and a locale that is not UTF-8 has ASCII for certain.
    pub fn characters(&self) -> Characters {
        match () {
            () if !self.is_utf8() => Characters::Ascii,
            () if self.is_console() => Characters::Console,
            () => Characters::Unicode,
        }
    }

    /// Whether the locale's characters are UTF-8. The first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set decides;
    /// where none is, nothing speaks against UTF-8.
    pub fn is_utf8(&self) -> bool {
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|own| self.environment.get(own));
        locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
    }

    /// Whether it is known to answer at once which colour its ground is. One at the other end of a line or of a
    /// multiplexer may answer late.
    pub fn answers_for_its_ground(&self) -> bool {
        let is_set = |name: &&str| self.environment.is_set(name);
        let far = ["SSH_CONNECTION", "SSH_TTY", "MOSH_IP", "TMUX", "STY"].iter().any(is_set);
        let answers = || {
            let known = ["XTERM_VERSION", "KITTY_WINDOW_ID", "ALACRITTY_WINDOW_ID"];
            self.is_known_direct() || self.is_old_apple() || known.iter().any(is_set)
        };
        !far && self.multiplexer().is_none() && !self.is_console() && answers()
    }

    fn term(&self) -> &str {
        self.environment.get("TERM").unwrap_or_default()
    }

    /// Whether it is the console of a PC, without or within screen.
    fn is_console(&self) -> bool {
        let term = self.term().strip_prefix("screen.").unwrap_or(self.term());
        term == "linux" || term.starts_with("linux-")
    }

    fn has_no_colours(&self) -> bool {
        let term = self.term();
        match self.entry {
            // Some entries of xterm, screen and tmux are old and modest.
            Some(entry) => {
                entry.colours.is_none()
                    && !entry.direct
                    && !self.has_256()
                    && !self.is_known_direct()
            }
            // DEC's terminals.
            None => {
                let mut name = term.strip_prefix("vt").unwrap_or_default().chars();
                name.next().is_some_and(|c| c.is_ascii_digit())
            }
        }
    }

    fn multiplexer(&self) -> Option<Multiplexer> {
        let term = self.term();
        let (tmux, screen) = (self.environment.is_set("TMUX"), self.environment.is_set("STY"));
        match () {
            () if term.starts_with("tmux") => Some(Multiplexer::Tmux),
            () if term.starts_with("screen") && tmux && !screen => Some(Multiplexer::Tmux),
            () if term.starts_with("screen") || (screen && !tmux) => Some(Multiplexer::Screen),
            () => None,
        }
    }

    /// Whether the environment says that 24-bit colours are shown.
    fn says_direct(&self) -> bool {
        matches!(self.environment.get("COLORTERM"), Some("truecolor" | "24bit"))
    }

    fn is_known_direct(&self) -> bool {
        let term = self.term();
        let by_program = || {
            let program = self.environment.get("TERM_PROGRAM");
            program.is_some_and(|program| DIRECT_PROGRAMS.contains(&program))
                || self.environment.number("VTE_VERSION").is_some_and(|own| own >= VTE_DIRECT)
                || ["WT_SESSION", "KONSOLE_VERSION"].iter().any(|own| self.environment.is_set(own))
        };
        DIRECT.iter().any(|own| term.starts_with(own))
            || (term.starts_with("xterm") && by_program())
    }

    /// Whether it is Terminal of a macOS that shows 256 colours whatever `COLORTERM` says.
    fn is_old_apple(&self) -> bool {
        let environment = &self.environment;
        environment.get("TERM_PROGRAM") == Some("Apple_Terminal")
            && environment.number("TERM_PROGRAM_VERSION").is_none_or(|own| own < APPLE_DIRECT)
    }

    /// Whether 256 colours are shown: every terminal of this century that says it is an xterm has them.
    fn has_256(&self) -> bool {
        let term = self.term();
        let colours = self.entry.and_then(|entry| entry.colours);
        term == "xterm"
            || term.contains("256color")
            || ["screen", "tmux"].iter().any(|own| term.starts_with(own))
            || colours.is_some_and(|colours| colours >= 256)
    }
}
