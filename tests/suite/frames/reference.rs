//! A simple difference coder to measure ours against: moves only where needed, changes only what differs in
//! the pen, writes short gaps again, erases the ends of rows.

use std::io::Write as _;

use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::style::{Color, Modifier};

type Pen = (Color, Color, Modifier);

const PLAIN: Pen = (Color::Reset, Color::Reset, Modifier::empty());

pub struct Reference {
    pen: Pen,
}

impl Default for Reference {
    fn default() -> Self {
        Self { pen: PLAIN }
    }
}

impl Reference {
    pub fn encode(&mut self, prev: &Buffer, next: &Buffer, out: &mut Vec<u8>) {
        let width = usize::from(next.area.width);
        for y in 0..usize::from(next.area.height) {
            let (old, new) =
                (&prev.content[y * width..][..width], &next.content[y * width..][..width]);
            let blank = |cell: &Cell| cell.symbol() == " " && pen(cell) == PLAIN;
            let tail = width - new.iter().rev().take_while(|cell| blank(cell)).count();
            let mut at = None;
            let (mut x, mut forced) = (0, 0);
            while x < tail {
                let span = usize::from(new[x].cell_width()).max(1);
                if old[x] != new[x] || x < forced {
                    forced = forced.max(x + usize::from(old[x].cell_width()));
                    match at {
                        Some(from) if from == x => {}
                        Some(from)
                            if x - from < 5
                                && (from..x).all(|i| {
                                    pen(&new[i]) == self.pen && new[i].cell_width() == 1
                                }) =>
                        {
                            for cell in &new[from..x] {
                                out.extend_from_slice(cell.symbol().as_bytes());
                            }
                        }
                        _ => write!(out, "\x1b[{};{}H", y + 1, x + 1).expect("a vector"),
                    }
                    self.turn(pen(&new[x]), out);
                    out.extend_from_slice(new[x].symbol().as_bytes());
                    at = (x + span < width).then_some(x + span);
                }
                x += span;
            }
            if let Some(first) = (tail..width).find(|x| old[*x] != new[*x] || *x < forced) {
                if at != Some(first) {
                    write!(out, "\x1b[{};{}H", y + 1, first + 1).expect("a vector");
                }
                self.turn(PLAIN, out);
                out.extend_from_slice(b"\x1b[K");
            }
        }
    }

    fn turn(&mut self, to: Pen, out: &mut Vec<u8>) {
        if self.pen == to {
            return;
        }
        let mut codes: Vec<String> = Vec::new();
        let mut from = self.pen;
        if !to.2.contains(from.2) {
            codes.push(String::new());
            from = PLAIN;
        }
        for (modifier, code) in
            [(Modifier::BOLD, "1"), (Modifier::DIM, "2"), (Modifier::REVERSED, "7")]
        {
            if to.2.contains(modifier) && !from.2.contains(modifier) {
                codes.push(code.into());
            }
        }
        for (was, is, base) in [(from.0, to.0, 30), (from.1, to.1, 40)] {
            if was != is {
                codes.push(match is {
                    Color::Reset => format!("{}", base + 9),
                    Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
                    Color::Green => format!("{}", base + 2),
                    Color::LightRed => format!("{}", base + 61),
                    other => panic!("the scenarios do not use {other:?}"),
                });
            }
        }
        write!(out, "\x1b[{}m", codes.join(";")).expect("a vector");
        self.pen = to;
    }
}

fn pen(cell: &Cell) -> Pen {
    (cell.fg, cell.bg, cell.modifier)
}
