//! What eyes make of colours: contrast, distance, and the same without the green cones.

use floorwalker::table::Tone;
use floorwalker::theme::{Shelf, Theme};
use ratatui::style::{Color, Style};

/// Red, green and blue as light, 0 to 1.
type Light = [f64; 3];

/// Machado, Oliveira and Fernandes 2009, severity 1.0, on linear light.
const DEUTERANOPIA: [Light; 3] = [
    [0.367_322, 0.860_646, -0.227_968],
    [0.280_085, 0.672_501, 0.047_413],
    [-0.011_820, 0.042_940, 0.968_881],
];

/// The same for eyes without the red cones.
const PROTANOPIA: [Light; 3] = [
    [0.152_286, 1.052_583, -0.204_868],
    [0.114_503, 0.786_281, 0.099_216],
    [-0.003_882, -0.048_116, 1.051_998],
];

/// The least distance (CIE 1976, in L*a*b*) of two colours that mean different things; 2 can be seen side by
/// side, ten times that across a room.
const APART: f64 = 20.0;

/// The least contrast of text in a theme: WCAG 2.2, AA; AAA where contrast is all that it is about.
pub fn least(theme: &Theme) -> f64 {
    if theme.name() == "contrast" { 7.0 } else { 4.5 }
}

/// The contrast of what is drawn in a style, by WCAG 2.2.
pub fn contrast(style: Style) -> f64 {
    let (Some(fg), Some(bg)) = (style.fg, style.bg) else { panic!("no colours in {style:?}") };
    let luminance = |color| {
        let [r, g, b] = light(color);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(fg), luminance(bg));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The contrast of two colours, by WCAG 2.2.
pub fn ratio(a: [u8; 3], b: [u8; 3]) -> f64 {
    let [a, b] = [a, b].map(|[r, g, b]| Color::Rgb(r, g, b));
    contrast(Style::new().fg(a).bg(b))
}

fn light(color: Color) -> Light {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let rgb = match color {
        Color::Rgb(r, g, b) => [r, g, b],
        Color::Indexed(index @ 16..232) => {
            let cube = index - 16;
            [level(cube / 36), level(cube / 6 % 6), level(cube % 6)]
        }
        Color::Indexed(index @ 232..) => [8 + 10 * (index - 232); 3],
        other => panic!("{other} is not the same on every terminal"),
    };
    rgb.map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

fn seen(light: Light, eye: &[Light; 3]) -> Light {
    eye.map(|row| row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0))
}

/// CIE 1976 L*a*b* under D65.
fn lab(light: Light) -> [f64; 3] {
    const XYZ: [Light; 3] = [
        [0.412_456_4, 0.357_576_1, 0.180_437_5],
        [0.212_672_9, 0.715_152_2, 0.072_175_0],
        [0.019_333_9, 0.119_192_0, 0.950_304_1],
    ];
    const WHITE: Light = [0.950_47, 1.0, 1.088_83];
    let root = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let mut roots = [0.0; 3];
    for ((out, row), white) in roots.iter_mut().zip(XYZ).zip(WHITE) {
        *out = root(row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>() / white);
    }
    [116.0 * roots[1] - 16.0, 500.0 * (roots[0] - roots[1]), 200.0 * (roots[1] - roots[2])]
}

fn distance(a: Light, b: Light) -> f64 {
    lab(a).iter().zip(lab(b)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// The colour by which a tone is known: that which it fills with, else that of its letters.
fn known_by(theme: &Theme, tone: Tone) -> Light {
    let style = theme.style(tone);
    light(style.bg.or(style.fg).unwrap())
}

/// The distance of the two tones that are nearest to each other for an eye.
fn nearest(theme: &Theme, eye: &[Light; 3]) -> (f64, Tone, Tone) {
    let tones = [Tone::Plain, Tone::Good, Tone::Busy, Tone::Warning, Tone::Critical];
    let pairs = tones.iter().enumerate().flat_map(|(index, a)| {
        tones[index + 1..].iter().map(move |b| {
            let (x, y) = (known_by(theme, *a), known_by(theme, *b));
            (distance(seen(x, eye), seen(y, eye)), *a, *b)
        })
    });
    pairs.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
}

#[test]
fn deuteran_keeps_its_tones_apart_without_the_green_or_the_red_cones() {
    let shelf = Shelf::embedded();
    for eye in [&DEUTERANOPIA, &PROTANOPIA] {
        let (distance, a, b) = nearest(shelf.get("deuteran").unwrap(), eye);
        assert!(distance >= APART, "{a:?} and {b:?}: {distance:.1}");
    }
}

#[test]
fn the_simulated_eye_confuses_what_such_eyes_confuse() {
    let (red, green) = (light(Color::Rgb(200, 80, 60)), light(Color::Rgb(120, 130, 50)));
    assert!(distance(red, green) > 60.0);
    assert!(distance(seen(red, &DEUTERANOPIA), seen(green, &DEUTERANOPIA)) < APART);
    let midnight = nearest(Theme::midnight(), &DEUTERANOPIA);
    assert!(midnight.0 < APART, "midnight would do, so deuteran were not needed: {midnight:?}");
}

#[test]
fn in_deuteran_the_severities_differ_in_lightness_and_weight_too() {
    let shelf = Shelf::embedded();
    let theme = shelf.get("deuteran").unwrap();
    let (warning, critical) = (theme.style(Tone::Warning), theme.style(Tone::Critical));
    assert!(critical.bg.is_some() && warning.bg.is_none(), "only what is critical is filled");
    assert_ne!(warning.add_modifier, critical.add_modifier);
    let lightness = |tone| lab(known_by(theme, tone))[0];
    assert!((lightness(Tone::Warning) - lightness(Tone::Critical)).abs() >= 15.0);
}
