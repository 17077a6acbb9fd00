//! Every theme with sixteen colours: readable whatever the terminal's own ground and palette are.

use floorwalker::theme::{Palette, Theme};
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use super::{eyes, is_text, screens, themes};

/// The sixteen colours of a terminal.
type Sixteen = [u32; 16];

/// As the console of a PC has them.
const VGA: Sixteen = [
    0x00_0000, 0xaa_0000, 0x00_aa00, 0xaa_5500, 0x00_00aa, 0xaa_00aa, 0x00_aaaa, 0xaa_aaaa,
    0x55_5555, 0xff_5555, 0x55_ff55, 0xff_ff55, 0x55_55ff, 0xff_55ff, 0x55_ffff, 0xff_ffff,
];

const XTERM: Sixteen = [
    0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5,
    0x7f_7f7f, 0xff_0000, 0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
];

const SOLARIZED: Sixteen = [
    0x07_3642, 0xdc_322f, 0x85_9900, 0xb5_8900, 0x26_8bd2, 0xd3_3682, 0x2a_a198, 0xee_e8d5,
    0x00_2b36, 0xcb_4b16, 0x58_6e75, 0x65_7b83, 0x83_9496, 0x6c_71c4, 0x93_a1a1, 0xfd_f6e3,
];

const TANGO: Sixteen = [
    0x00_0000, 0xcc_0000, 0x4e_9a06, 0xc4_a000, 0x34_65a4, 0x75_507b, 0x06_989a, 0xd3_d7cf,
    0x55_5753, 0xef_2929, 0x8a_e234, 0xfc_e94f, 0x72_9fcf, 0xad_7fa8, 0x34_e2e2, 0xee_eeec,
];

/// The place of a colour among the sixteen; `None` for the terminal's own.
fn index(color: Color) -> Option<usize> {
    Some(match color {
        Color::Reset => return None,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        other => panic!("{other} is none of the sixteen"),
    })
}

/// The least contrast with which a terminal may draw a cell: bold letters in their own colour or in the lighter one,
/// and on a console no light ground.
fn contrast(cell: &Cell, sixteen: &Sixteen, console: bool) -> f64 {
    let [(Some(fg), Some(bg))] = [(index(cell.fg), index(cell.bg))] else {
        panic!("{:?} leaves a colour to the terminal", cell.symbol());
    };
    let bold = cell.modifier.contains(Modifier::BOLD) && fg < 8;
    let lit = if bold { vec![fg, fg + 8] } else { vec![fg] };
    let bg = if console { bg % 8 } else { bg };
    let rgb = |index: usize| {
        let [_, r, g, b] = sixteen[index].to_be_bytes();
        [r, g, b]
    };
    // Reverse changes nothing: the contrast is the same both ways.
    lit.into_iter().map(|fg| eyes::ratio(rgb(fg), rgb(bg))).fold(f64::MAX, f64::min)
}

/// The themes that have grounds of their own.
fn coloured() -> impl Iterator<Item = Theme> {
    themes().into_iter().filter(|theme| theme.name() != "mono")
}

#[test]
fn every_letter_is_readable_on_any_palette_of_sixteen() {
    for theme in coloured() {
        let theme = theme.with_palette(Palette::Indexed16);
        for (screen, place) in screens(&theme) {
            for cell in screen.buffer().content.iter().filter(|cell| is_text(cell)) {
                for sixteen in [&XTERM, &VGA, &SOLARIZED, &TANGO] {
                    let contrast = contrast(cell, sixteen, false);
                    assert!(contrast >= 4.5, "{:?} in {place}: {contrast:.2}", cell.symbol());
                }
            }
        }
    }
}

#[test]
fn every_letter_is_readable_on_a_console() {
    for theme in coloured() {
        let theme = theme.with_palette(Palette::Vga);
        for (screen, place) in screens(&theme) {
            for cell in screen.buffer().content.iter().filter(|cell| is_text(cell)) {
                let contrast = contrast(cell, &VGA, true);
                assert!(contrast >= 4.5, "{:?} in {place}: {contrast:.2}", cell.symbol());
                let underlined = cell.modifier.contains(Modifier::UNDERLINED);
                assert!(
                    !underlined,
                    "a console draws {:?} in another colour, {place}",
                    cell.symbol()
                );
            }
        }
    }
}

#[test]
fn a_console_has_colours_where_the_ground_is_dark() {
    for (name, colours) in
        [("midnight", true), ("contrast", true), ("deuteran", true), ("daylight", false)]
    {
        let theme = themes().into_iter().find(|theme| theme.name() == name).unwrap();
        let theme = theme.with_palette(Palette::Vga);
        let grey =
            |color| matches!(color, Color::Black | Color::Gray | Color::White | Color::DarkGray);
        let (screen, _) = screens(&theme).next().unwrap();
        let cells = screen.buffer().content;
        let coloured = cells.iter().any(|cell| !grey(cell.fg) || !grey(cell.bg));
        assert_eq!(coloured, colours, "{name}");
    }
}

#[test]
fn mono_leaves_both_colours_to_the_terminal_on_every_palette() {
    let mono = themes().into_iter().find(|theme| theme.name() == "mono").unwrap();
    for palette in Palette::ALL {
        let theme = mono.clone().with_palette(palette);
        let (screen, place) = screens(&theme).next().unwrap();
        for cell in &screen.buffer().content {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{place}");
        }
    }
}

#[test]
fn a_severity_shows_without_colour_on_any_palette_of_sixteen() {
    use floorwalker::table::Tone;
    for theme in coloured() {
        let theme = theme.with_palette(Palette::Indexed16);
        let looks = [Tone::Plain, Tone::Warning, Tone::Critical].map(|tone| theme.style(tone));
        assert!(looks[0] != looks[1] && looks[1] != looks[2] && looks[0] != looks[2], "{looks:?}");
    }
}
