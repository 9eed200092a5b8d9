use btrdb_core::TimeRange;
use proptest::prelude::*;

use super::*;
use crate::Scale;

const WIDTH: f64 = 1000.0;

const HEIGHT: f64 = 200.0;

fn ground(start: i64, end: i64) -> Ground {
    let view = Viewport::new(TimeRange::new(start, end));
    Ground { view, width: WIDTH, values: Some(Scale { low: 0.0, high: 100.0 }), height: HEIGHT }
}

fn at(x: f64) -> Spot {
    Spot { x, y: 40.0 }
}

#[test]
fn a_drag_takes_the_time_along() {
    let mut ground = ground(0, 1_000_000);
    let mut hand = Hand::default();
    let time = ground.view.time_from_x(500.0, WIDTH);
    hand.press(1, at(500.0), Grasp::Drag, 0.0);
    assert_eq!(hand.point(1, at(501.0), &ground, 1.0), None, "not yet a drag");
    for x in [490.0, 300.0, 710.0] {
        ground.view = hand.point(1, at(x), &ground, 2.0).unwrap().view;
        assert!((ground.view.x_from_time(time, WIDTH) - x).abs() < 0.01);
    }
    assert!(hand.is_panning());
    assert_eq!(hand.release(1, &ground, 4.0, false), None);
    assert!(!hand.is_busy());
    assert_eq!(hand.point(1, at(100.0), &ground, 3.0), None, "only hovering now");
    assert_eq!(hand.hover(), Some(100.0));
}

#[test]
fn what_is_marked_becomes_the_view() {
    let ground = ground(0, 1_000_000);
    let mut hand = Hand::default();
    hand.press(1, at(600.0), Grasp::Mark, 0.0);
    assert_eq!(hand.point(1, at(200.0), &ground, 1.0), None);
    assert_eq!(hand.marquee(), Some(Marquee { x: Some((200.0, 600.0)), y: None }));
    let moved = hand.release(1, &ground, 4.0, false).unwrap();
    assert_eq!((moved.view.range(), moved.jump), (TimeRange::new(200_000, 600_000), true));
    hand.press(1, at(600.0), Grasp::Mark, 0.0);
    assert_eq!(hand.release(1, &ground, 4.0, false), None, "a click marks nothing");
}

#[test]
fn the_wheel_zooms_at_the_pointer_and_pans_across() {
    let ground = ground(0, 1_000_000);
    let zoomed = ground.wheel(250.0, (0.0, -240.0), 0, false);
    assert_eq!(zoomed.view.range(), TimeRange::new(125_000, 625_000));
    assert_eq!(ground.wheel(250.0, (100.0, 30.0), 0, false).view.range().start, 100_000);
    assert_eq!(ground.wheel(250.0, (0.0, 100.0), 0, true).view.range().start, 100_000);
}

#[test]
fn the_overview_moves_and_stretches_the_view() {
    let life = Viewport::new(TimeRange::new(0, 1_000_000));
    let mut ground = ground(400_000, 600_000);
    let mut hand = Hand::default();
    assert_eq!(hand.overview_press(500.0, &life, &ground), None, "grasped inside: it stays");
    ground.view = hand.overview_drag(700.0, &life, &ground).unwrap().view;
    assert_eq!(ground.view.range(), TimeRange::new(600_000, 800_000));
    hand.let_go();
    assert_eq!(hand.overview_press(800.0, &life, &ground), None, "the right grip");
    ground.view = hand.overview_drag(900.0, &life, &ground).unwrap().view;
    assert_eq!(ground.view.range(), TimeRange::new(600_000, 900_000));
    ground.view = hand.overview_drag(500.0, &life, &ground).unwrap().view;
    assert_eq!(ground.view.range(), TimeRange::new(500_000, 600_000), "past the other edge");
    hand.let_go();
    let jumped = hand.overview_press(100.0, &life, &ground).unwrap();
    assert_eq!(jumped.view.range(), TimeRange::new(50_000, 150_000), "elsewhere: it comes to the pointer");
}

#[test]
fn a_view_far_wider_than_the_overview_follows_from_where_it_is() {
    let life = Viewport::new(TimeRange::new(0, 3_600_000));
    let mut ground = ground(-1_000_000_000_000, 1_000_000_000_000);
    let mut hand = Hand::default();
    assert_eq!(hand.overview_press(500.0, &life, &ground), None);
    ground.view = hand.overview_drag(501.0, &life, &ground).unwrap().view;
    assert_eq!(ground.view.range(), TimeRange::new(-999_999_996_400, 1_000_000_003_600), "a pixel of the overview");
}

#[test]
fn a_sliver_of_a_year_can_be_dragged_through_the_overview() {
    let life = Viewport::ALL;
    let mut ground = ground(0, 100);
    let mut hand = Hand::default();
    let _ = hand.overview_press(900.0, &life, &ground);
    ground.view = hand.overview_drag(950.0, &life, &ground).unwrap().view;
    assert_eq!(ground.view.range().width(), 100);
    assert!((life.x_from_time(ground.view.range().start, WIDTH) - 950.0).abs() < 1.0);
}

#[test]
fn what_is_marked_counts_the_way_it_was_dragged() {
    let ground = ground(0, 1_000_000);
    let mark = |to: Spot| {
        let mut hand = Hand::default();
        hand.press(1, Spot { x: 300.0, y: 50.0 }, Grasp::Mark, 0.0);
        hand.point(1, to, &ground, 1.0);
        hand.release(1, &ground, 2.0, false).unwrap()
    };
    let values = Some(Scale { low: 25.0, high: 75.0 });
    let upright = mark(Spot { x: 310.0, y: 150.0 });
    assert_eq!((upright.view, upright.values), (ground.view, values));
    let both = mark(Spot { x: 400.0, y: 150.0 });
    assert_eq!((both.view.range(), both.values), (TimeRange::new(300_000, 400_000), values));
    let across = mark(Spot { x: 400.0, y: 60.0 });
    assert_eq!((across.view.range(), across.values), (TimeRange::new(300_000, 400_000), None));
}

#[test]
fn the_axis_drags_and_zooms_its_values() {
    let mut ground = ground(0, 1_000_000);
    let mut hand = Hand::default();
    hand.press(1, Spot { x: -20.0, y: 100.0 }, Grasp::Values, 0.0);
    let moved = hand.point(1, Spot { x: -20.0, y: 120.0 }, &ground, 1.0).unwrap();
    assert_eq!((moved.view, moved.values), (ground.view, Some(Scale { low: 10.0, high: 110.0 })));
    assert_eq!(ground.wheel_values(50.0, -240.0, 0), Some(Scale { low: 37.5, high: 87.5 }));
    ground.values = None;
    assert_eq!(ground.wheel_values(50.0, -240.0, 0), None, "nothing to zoom yet");
}

#[test]
fn a_flung_view_moves_on_until_it_is_touched() {
    let flung = || {
        let (mut ground, mut hand) = (ground(0, 1_000_000), Hand::default());
        hand.press(1, at(800.0), Grasp::Touch, 0.0);
        for step in 1..=10 {
            let spot = at(800.0 - 20.0 * f64::from(step));
            if let Some(moved) = hand.point(1, spot, &ground, 10.0 * f64::from(step)) {
                ground.view = moved.view;
            }
        }
        (ground, hand)
    };
    let (mut ground, mut hand) = flung();
    hand.release(1, &ground, 100.0, false);
    assert!(hand.is_coasting() && hand.is_busy());
    let before = ground.view;
    ground.view = hand.coast(&ground, 116.0).unwrap().view;
    let moved = before.x_from_time(ground.view.range().start, WIDTH);
    assert!((moved - 32.0).abs() < 2.0, "two pixels a millisecond: {moved}");
    hand.press(2, at(100.0), Grasp::Touch, 117.0);
    assert_eq!(hand.coast(&ground, 132.0), None, "held");

    let (ground, mut hand) = flung();
    hand.release(1, &ground, 100.0, true);
    assert!(!hand.is_coasting(), "where motion is not wanted");

    let (ground, mut hand) = flung();
    hand.release(1, &ground, 100.0, false);
    let mut now = 100.0;
    while hand.coast(&ground, now).is_some() {
        now += 16.0;
    }
    assert!(now <= 1_632.0, "over at {now}");
}

proptest! {
    /// Two fingers keep the times that they were put on, within two pixels.
    #[test]
    fn fingers_keep_their_times(
        a in 50.0..450.0_f64, b in 550.0..950.0_f64, to_a in 50.0..450.0_f64, to_b in 550.0..950.0_f64,
    ) {
        let mut ground = ground(0, 1_000_000_000);
        let times = [a, b].map(|x| ground.view.time_from_x(x, WIDTH));
        let mut hand = Hand::default();
        hand.press(1, at(a), Grasp::Touch, 0.0);
        hand.press(2, at(b), Grasp::Touch, 0.0);
        for step in 1..=20 {
            let part = f64::from(step) / 20.0;
            for (id, from, to) in [(1, a, to_a), (2, b, to_b)] {
                if let Some(moved) = hand.point(id, at(from + (to - from) * part), &ground, 1.0) {
                    ground.view = moved.view;
                }
            }
        }
        for (time, x) in times.into_iter().zip([to_a, to_b]) {
            prop_assert!((ground.view.x_from_time(time, WIDTH) - x).abs() <= 2.0);
        }
    }

    /// Two fingers above one another keep their values and leave the times alone but for the way they go together.
    #[test]
    fn upright_fingers_keep_their_values(
        a in 10.0..60.0_f64, b in 140.0..190.0_f64, to_a in 10.0..60.0_f64, to_b in 140.0..190.0_f64,
    ) {
        let mut ground = ground(0, 1_000_000_000);
        let before = ground;
        let values = [a, b].map(|y| before.values.unwrap().value(y, HEIGHT));
        let mut hand = Hand::default();
        hand.press(1, Spot { x: 500.0, y: a }, Grasp::Touch, 0.0);
        hand.press(2, Spot { x: 510.0, y: b }, Grasp::Touch, 0.0);
        for step in 1..=20 {
            let part = f64::from(step) / 20.0;
            for (id, x, from, to) in [(1, 500.0, a, to_a), (2, 510.0, b, to_b)] {
                let spot = Spot { x, y: from + (to - from) * part };
                if let Some(moved) = hand.point(id, spot, &ground, 1.0) {
                    (ground.view, ground.values) = (moved.view, moved.values.or(ground.values));
                }
            }
        }
        prop_assert_eq!(ground.view, before.view);
        for (value, y) in values.into_iter().zip([to_a, to_b]) {
            prop_assert!((ground.values.unwrap().y(value, HEIGHT) - y).abs() <= 2.0);
        }
    }
}
