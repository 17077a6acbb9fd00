//! What is drawn: every part, at every size, with and without colours.

use crate::support::centre;
use crate::support::screen::TestScreen;

fn board(width: u16, height: u16) -> TestScreen {
    TestScreen::new(centre::busy(), width, height)
}

#[test]
fn look() {
    use floorwalker::report::svg::svg;
    use floorwalker::theme::Theme;
    let mut all = vec![];
    for (w, h) in [(200, 50), (120, 34), (80, 24), (36, 10)] {
        all.push((format!("board{w}"), board(w, h)));
        let mut s = board(w, h);
        s.press("down enter");
        all.push((format!("inside{w}"), s));
        let mut s = board(w, h);
        s.press("down enter down down o");
        all.push((format!("question{w}"), s));
        let mut s = board(w, h);
        s.press("?");
        all.push((format!("help{w}"), s));
        for (k, n) in [
            ("2", "agents"),
            ("6", "lists"),
            ("7", "entries"),
            ("8", "sources"),
            ("0", "log"),
            ("s", "picker"),
            ("down down down / a n", "filter"),
        ] {
            let mut s = board(w, h);
            s.press(k);
            all.push((format!("{n}{w}"), s));
        }
        all.push((format!("silent{w}"), TestScreen::new(centre::silent(), w, h)));
        all.push((format!("ascii{w}"), board(w, h).in_ascii()));
    }
    std::fs::create_dir_all("/tmp/look").unwrap();
    for (n, s) in all {
        std::fs::write(format!("/tmp/look/{n}.svg"), svg(&s.buffer(), Theme::midnight())).unwrap();
        std::fs::write(format!("/tmp/look/{n}.txt"), s.styled()).unwrap();
    }
}
