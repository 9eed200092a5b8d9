use proptest::prelude::*;

use super::*;
use crate::resolution::level;
use crate::{Purpose, Resolution};

fn request(stream: u128, exponent: u8, first: i64, last: i64, purpose: Purpose) -> Request {
    let rows = 512 * (last - first + 1) as u64;
    Request { stream: StreamId(stream), resolution: Resolution::Windows(level(exponent)), first, last, purpose, rows }
}

fn visible(first: i64, last: i64) -> Request {
    request(1, 20, first, last, Purpose::Visible)
}

#[test]
fn nothing_is_asked_twice() {
    let mut flights = Flights::new(6);
    assert_eq!(flights.reconcile(&[visible(5, 7)], 0.0).start.len(), 1);
    assert_eq!(flights.reconcile(&[visible(5, 7)], 0.0), Orders::default());
    let more = flights.reconcile(&[visible(3, 9)], 0.0);
    let tiles: Vec<_> = more.start.iter().map(|(_, request)| (request.first, request.last)).collect();
    assert_eq!(tiles, [(3, 4), (8, 9)]);
}

#[test]
fn what_left_the_screen_is_dropped() {
    let mut flights = Flights::new(6);
    let id = flights.reconcile(&[visible(5, 7)], 0.0).start[0].0;
    assert_eq!(flights.reconcile(&[visible(7, 8)], 0.0).cancel, []);
    assert_eq!(flights.reconcile(&[request(1, 14, 5, 7, Purpose::Visible)], 0.0).cancel[0], id);
    flights.landed(id, 0.0);
    assert!(flights.get(id).is_none());
}

#[test]
fn what_is_asked_in_advance_waits_for_what_is_visible() {
    let mut flights = Flights::new(6);
    let wanted = [visible(5, 7), request(1, 20, 8, 9, Purpose::Ahead)];
    let orders = flights.reconcile(&wanted, 0.0);
    assert_eq!(orders.start.len(), 1);
    flights.landed(orders.start[0].0, 50.0);
    assert_eq!(flights.reconcile(&wanted[1..], 0.0).start.len(), 1);
}

#[test]
fn what_is_visible_takes_the_place_of_what_was_asked_in_advance() {
    let mut flights = Flights::new(1);
    let ahead = request(1, 20, 8, 9, Purpose::Ahead);
    let id = flights.reconcile(std::slice::from_ref(&ahead), 0.0).start[0].0;
    let orders = flights.reconcile(&[visible(5, 7), ahead], 0.0);
    assert_eq!((orders.cancel, orders.start.len()), (vec![id], 1));
}

#[test]
fn a_failed_stream_rests_and_the_others_go_on() {
    let mut flights = Flights::new(6);
    let wanted = [visible(5, 7), request(2, 20, 1, 1, Purpose::Visible)];
    let started = flights.reconcile(&wanted, 0.0).start;
    flights.failed(started[0].0, 1_000.0, true);
    assert_eq!(flights.reconcile(&wanted, 1_001.0), Orders::default());
    assert_eq!(flights.next_wake(1_001.0), Some(1_500.0));
    let again = flights.reconcile(&wanted, 1_500.0).start;
    assert_eq!(again[0].1, wanted[0]);
    flights.failed(again[0].0, 2_000.0, true);
    assert_eq!(flights.next_wake(2_000.0), Some(3_000.0), "longer each time");
}

#[test]
fn a_stream_without_hope_is_asked_again_only_on_request() {
    let mut flights = Flights::new(6);
    let id = flights.reconcile(&[visible(5, 7)], 0.0).start[0].0;
    flights.failed(id, 0.0, false);
    assert_eq!(flights.reconcile(&[visible(5, 7)], 1e12), Orders::default());
    assert_eq!(flights.next_wake(0.0), None);
    flights.retry(StreamId(1));
    assert_eq!(flights.reconcile(&[visible(5, 7)], 1e12).start.len(), 1);
}

proptest! {
    /// Whatever happens, no tile is on its way twice, the limit holds, and in the end all that is wanted has come.
    #[test]
    fn all_that_is_wanted_comes_once(
        steps in prop::collection::vec((0_u128..3, 0_i64..20, 0_i64..6, 0_usize..4), 1..60),
    ) {
        let mut flights = Flights::new(4);
        let mut now = 0.0;
        let mut wanted = Vec::new();
        for (stream, first, length, act) in steps {
            now += 100.0;
            wanted = vec![request(stream, 20, first, first + length, Purpose::Visible)];
            let orders = flights.reconcile(&wanted, now);
            prop_assert!(flights.len() <= 4);
            let all: Vec<_> = flights.requests().cloned().collect();
            for (at, one) in all.iter().enumerate() {
                prop_assert!(all[at + 1..].iter().all(|other| !one.shares_tiles_with(other)));
            }
            if let Some((id, _)) = orders.start.first().filter(|_| act == 1) {
                flights.failed(*id, now, true);
            }
            if let Some((id, _)) = orders.start.first().filter(|_| act == 2) {
                flights.landed(*id, now);
            }
        }
        let mut missing: Vec<i64> = (wanted[0].first..=wanted[0].last).collect();
        for _ in 0..20 {
            now += 100_000.0;
            let _ = flights.reconcile(&wanted, now);
            let ids: Vec<_> = flights.on_way.keys().copied().collect();
            for id in ids {
                let landed = flights.get(id).cloned().unwrap();
                missing.retain(|&index| index < landed.first || index > landed.last);
                flights.landed(id, now);
            }
        }
        prop_assert_eq!(missing, Vec::<i64>::new());
    }
}
