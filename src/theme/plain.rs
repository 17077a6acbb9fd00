//! Themes where colours cannot be trusted: black on white or white on black, and weight, underline, reverse.

use ratatui::style::{Color, Modifier, Style};

/// Whether letters on this ground are dark.
pub(super) fn is_light(ground: Option<Color>) -> bool {
    let Some(Color::Rgb(r, g, b)) = ground else { return false };
    // The weights of ITU-R BT.601, in thousandths.
    let light = 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
    light > 128_000
}

/// The style under all else: both colours are set, so the terminal's own ground does not matter. A theme without a
/// ground of its own keeps the terminal's.
pub(super) fn base(ground: Option<Color>, style: Style) -> Style {
    match ground {
        Some(Color::Rgb(..)) if is_light(ground) => style.fg(Color::Black).bg(Color::White),
        Some(Color::Rgb(..)) => style.fg(Color::Gray).bg(Color::Black),
        _ => style,
    }
}

/// A style on sixteen colours that may be any: many terminals draw bold letters in a lighter colour, so black ones
/// would become grey on white.
pub(super) fn on_any(style: Style, light: bool) -> Style {
    let black = light || style.fg == Some(Color::Black);
    without(style, if black { Modifier::BOLD } else { Modifier::empty() })
}

/// The same on a PC's console, which draws underlined letters in another colour too.
pub(super) fn on_vga(style: Style, light: bool) -> Style {
    without(on_any(style, light), Modifier::UNDERLINED)
}

fn without(style: Style, taken: Modifier) -> Style {
    Style { add_modifier: style.add_modifier - taken, ..style }
}
