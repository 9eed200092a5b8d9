//! The calls of the engine, each with the codes and numbers of the protocol.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use btrdb_core::{LAST_TIME, MAX_TIME, MIN_TIME};
use btrdb_engine::Code;
use btrdb_proto as proto;
use common::{Fixture, code, pairs};
use proto::MergePolicy;

#[test]
fn a_new_stream_has_version_10_and_property_version_1() {
    let fixture = Fixture::new();
    let info = fixture.info();
    assert_eq!(info.version_major, 10);
    let descriptor = info.descriptor.unwrap();
    assert_eq!((descriptor.property_version, descriptor.collection.as_str()), (1, "a/b"));
    let tags: Vec<_> = descriptor.tags.iter().map(|tag| (tag.key.as_str(), tag.val.is_some())).collect();
    assert_eq!(tags, [("distiller", false), ("ingress", false), ("name", true), ("unit", true)]);
    let empty = fixture.raw_values(MIN_TIME, MAX_TIME - 1, 0).unwrap();
    assert_eq!((empty.len(), empty[0].version_major, empty[0].values.len()), (1, 10, 0));
}

#[test]
fn create_refuses_what_the_protocol_refuses() {
    let fixture = Fixture::new();
    let create = |uuid: &[u8], collection: &str, tags: &[(&str, &str)], annotations: &[(&str, &str)]| {
        code(fixture.engine.create(proto::CreateParams {
            uuid: uuid.to_vec().into(),
            collection: collection.into(),
            tags: pairs(tags),
            annotations: pairs(annotations),
        }))
    };
    let taken = &fixture.uuid[..];
    let long = "x".repeat(256);
    assert_eq!(create(&[2; 16], "", &[], &[]), Some(Code::InvalidCollection));
    assert_eq!(create(&[2; 16], &long, &[], &[]), Some(Code::InvalidCollection));
    assert_eq!(create(&[2; 16], "a\0b", &[], &[]), Some(Code::InvalidCollection));
    assert_eq!(create(&[2; 16], "c", &[("phase", "A")], &[]), Some(Code::InvalidTagKey));
    assert_eq!(create(&[2; 16], "c", &[("name", &long)], &[]), Some(Code::InvalidTagValue));
    assert_eq!(create(&[2; 16], "c", &[], &[("Big", "")]), Some(Code::InvalidTagKey));
    assert_eq!(create(&[2; 16], "c", &[], &[("", "")]), Some(Code::InvalidTagKey));
    assert_eq!(create(&[2; 15], "c", &[], &[]), Some(Code::WrongArgs));
    assert_eq!(create(taken, "other", &[], &[]), Some(Code::SameStream));
    assert_eq!(create(&[2; 16], "a/b", &[("name", "n"), ("unit", "V")], &[]), Some(Code::AmbiguousStream));
    assert_eq!(create(&[2; 16], "/[a]-b c/", &[("name", "")], &[("a_.9", "any ☃")]), None);
}

#[test]
fn inserts_bump_the_version_and_refuse_bad_points_whole() {
    let fixture = Fixture::new();
    assert_eq!(fixture.insert(&[(1, 1.0), (2, 2.0)], MergePolicy::Never), Ok(11));
    assert_eq!(fixture.insert(&[], MergePolicy::Never), Ok(11));
    assert_eq!(fixture.insert(&[(3, 3.0)], MergePolicy::Never), Ok(12));
    assert_eq!(fixture.insert(&[(3, 3.0)], MergePolicy::Equal), Ok(12), "nothing changed");
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(fixture.insert(&[(4, 4.0), (5, bad)], MergePolicy::Never), Err(Code::BadValue));
    }
    for (time, expected) in [
        (MIN_TIME - 1, Err(Code::InvalidTimeRange)),
        (MIN_TIME, Ok(13)),
        (LAST_TIME, Ok(14)),
        (LAST_TIME + 1, Err(Code::InvalidTimeRange)),
    ] {
        assert_eq!(fixture.insert(&[(time, 0.0)], MergePolicy::Never), expected, "{time}");
    }
    assert_eq!(fixture.times(MIN_TIME, MAX_TIME - 1, 0), [MIN_TIME, 1, 2, 3, LAST_TIME]);
}

#[test]
fn merge_policies_of_one_batch() {
    for (policy, expected) in [
        (MergePolicy::Never, &[100, 105, 110, 110, 120][..]),
        (MergePolicy::Equal, &[100, 105, 110, 110, 120]),
        (MergePolicy::Retain, &[100, 105, 110, 120]),
        (MergePolicy::Replace, &[100, 105, 110, 120]),
    ] {
        let fixture = Fixture::new();
        let batch = [(100, 0.0), (105, 1.0), (110, 2.0), (110, 3.0), (120, 4.0)];
        fixture.insert(&batch, policy).unwrap();
        assert_eq!(fixture.times(0, 200, 0), expected, "{policy:?}");
    }
}

#[test]
fn pinned_versions_stay_what_they_were() {
    let fixture = Fixture::new();
    fixture.insert(&[(1, 1.0)], MergePolicy::Never).unwrap();
    fixture.insert(&[(2, 2.0)], MergePolicy::Never).unwrap();
    fixture.delete(1, 2).unwrap();
    assert_eq!(fixture.times(0, 10, 0), [2]);
    assert_eq!(fixture.times(0, 10, 13), [2]);
    assert_eq!(fixture.times(0, 10, 12), [1, 2]);
    assert_eq!(fixture.times(0, 10, 11), [1]);
    assert_eq!(fixture.times(0, 10, 10), [0; 0]);
    for version in [9, 14, u64::MAX] {
        assert_eq!(fixture.raw_values(0, 10, version).unwrap_err(), Code::VersionNotAvailable, "{version}");
    }
}

#[test]
fn deletes_always_make_a_version() {
    let fixture = Fixture::new();
    assert_eq!(fixture.delete(0, 10), Ok(11));
    fixture.insert(&[(1, 1.0)], MergePolicy::Never).unwrap();
    assert_eq!(fixture.delete(MIN_TIME, MAX_TIME - 1), Ok(13));
    assert_eq!(fixture.delete(5, 5), Err(Code::InvalidTimeRange));
    assert_eq!(fixture.delete(0, MAX_TIME), Err(Code::InvalidTimeRange));
    assert_eq!(fixture.insert(&[(1, 2.0)], MergePolicy::Never), Ok(14));
    assert_eq!(fixture.times(0, 10, 0), [1]);
}

#[test]
fn ranges_are_checked_before_streams() {
    let fixture = Fixture::new();
    let unknown = proto::RawValuesParams { uuid: vec![9; 16].into(), start: 10, end: 10, ..Default::default() };
    assert_eq!(code(fixture.engine.raw_values(&unknown)), Some(Code::InvalidTimeRange));
    let unknown = proto::RawValuesParams { end: 11, ..unknown };
    assert_eq!(code(fixture.engine.raw_values(&unknown)), Some(Code::NoSuchStream));
    assert_eq!(fixture.raw_values(MIN_TIME - 1, MAX_TIME, 0).unwrap_err(), Code::InvalidTimeRange);
    assert_eq!(fixture.aligned(0, 10, 64).unwrap_err(), Code::InvalidPointWidth);
    assert_eq!(fixture.windows(0, 10, 0).unwrap_err(), Code::InvalidPointWidth);
    assert_eq!(fixture.windows(10, 0, 1).unwrap_err(), Code::InvalidTimeRange);
}

#[test]
fn empty_windows_are_filled_in_windows_and_left_out_of_aligned_windows() {
    let fixture = Fixture::new();
    fixture.insert(&[(5, 1.0), (95, 3.0)], MergePolicy::Never).unwrap();
    let windows = fixture.windows(0, 109, 10).unwrap();
    let counts: Vec<_> = windows.iter().map(|window| (window.time, window.count)).collect();
    assert_eq!(counts.len(), 10);
    assert_eq!((counts[0], counts[1], counts[9]), ((0, 1), (10, 0), (90, 1)));
    assert_eq!((windows[1].min, windows[1].mean, windows[1].max, windows[1].stddev), (0.0, 0.0, 0.0, 0.0));
    let trailing = fixture.windows(100, 200, 10).unwrap();
    assert_eq!((trailing.len(), trailing[9].time), (10, 190));
    let aligned = fixture.aligned(0, 128, 4).unwrap();
    assert_eq!(aligned.iter().map(|window| (window.time, window.count)).collect::<Vec<_>>(), [(0, 1), (80, 1)]);
    assert!(fixture.aligned(1, 9, 6).unwrap().is_empty(), "nothing left after clearing is no error");
    assert!(fixture.windows(0, 9, 10).unwrap().is_empty());
}

#[test]
fn all_of_time_is_one_window() {
    let fixture = Fixture::new();
    fixture.insert(&[(MIN_TIME, 1.0), (0, 2.0), (LAST_TIME, 3.0)], MergePolicy::Never).unwrap();
    let all = fixture.aligned(MIN_TIME, MAX_TIME, 62).unwrap();
    assert_eq!(all.iter().map(|window| (window.time, window.count)).collect::<Vec<_>>(), [(MIN_TIME, 3)]);
    let all = fixture.windows(MIN_TIME, MAX_TIME - 1, (1 << 62) - 1).unwrap();
    assert_eq!(all.iter().map(|window| (window.time, window.count)).collect::<Vec<_>>(), [(MIN_TIME, 3)]);
}

#[test]
fn nearest_finds_or_says_401() {
    let fixture = Fixture::new();
    assert_eq!(fixture.nearest(0, false), Err(Code::NoSuchPoint));
    fixture.insert(&[(MIN_TIME, 0.0), (80, 8.0), (LAST_TIME, 1.0)], MergePolicy::Never).unwrap();
    assert_eq!(fixture.nearest(MIN_TIME, false), Ok(MIN_TIME));
    assert_eq!(fixture.nearest(MIN_TIME, true), Err(Code::NoSuchPoint));
    assert_eq!(fixture.nearest(80, false), Ok(80));
    assert_eq!(fixture.nearest(80, true), Ok(MIN_TIME));
    assert_eq!(fixture.nearest(MAX_TIME - 1, true), Ok(LAST_TIME));
    assert_eq!(fixture.nearest(MAX_TIME, true), Err(Code::InvalidTimeRange));
}

#[test]
fn changes_are_exact_and_in_order() {
    let fixture = Fixture::new();
    let batch = |from: i64| (from..from + 100).map(|time| (time, 1.0)).collect::<Vec<_>>();
    fixture.insert(&batch(0), MergePolicy::Never).unwrap();
    fixture.insert(&batch(300), MergePolicy::Never).unwrap();
    assert_eq!(fixture.changes(11, 12, 0), Ok(vec![(300, 400)]));
    assert_eq!(fixture.changes(11, 12, 4), Ok(vec![(288, 400)]));
    assert_eq!(fixture.changes(0, 12, 0), Ok(vec![(0, 100), (300, 400)]));
    assert_eq!(fixture.changes(0, 0, 0), Ok(vec![(0, 100), (300, 400)]));
    assert_eq!(fixture.changes(12, 12, 0), Ok(vec![]));
    assert_eq!(fixture.changes(12, 11, 0), Err(Code::InvalidVersions));
    assert_eq!(fixture.changes(11, 12, 64), Err(Code::InvalidPointWidth));
    // What was inserted and deleted again changed all the same.
    fixture.insert(&[(1000, 1.0)], MergePolicy::Never).unwrap();
    fixture.delete(1000, 1001).unwrap();
    assert_eq!(fixture.changes(12, 14, 0), Ok(vec![(1000, 1001)]));
}

#[test]
fn lookups_match_collections_tags_and_annotations() {
    let fixture = Fixture::new();
    for (number, collection, name, annotations) in
        [(2, "foo", "x", &[("site", "north")][..]), (3, "foo/bar", "x", &[]), (4, "foobar", "y", &[("site", "south")])]
    {
        fixture.create(number, collection, name, annotations);
    }
    let find = |collection: &str, prefix, tags, annotations| fixture.lookup(collection, prefix, tags, annotations);
    assert_eq!(find("foo", false, vec![], vec![]), ["foo"]);
    assert_eq!(find("foo", true, vec![], vec![]), ["foo", "foo/bar", "foobar"]);
    assert_eq!(find("", true, vec![], vec![]).len(), 4);
    assert_eq!(find("", false, vec![], vec![]).len(), 0);
    assert_eq!(find("foo", true, pairs(&[("name", "x")]), vec![]), ["foo", "foo/bar"]);
    assert_eq!(find("foo", true, pairs(&[("name", "x")]), pairs(&[("site", "north")])), ["foo"]);
    let any = |key: &str| vec![proto::KeyOptValue { key: key.into(), val: None }];
    assert_eq!(find("foo", true, vec![], any("site")), ["foo", "foobar"]);
    assert_eq!(find("foo", true, any("ingress"), vec![]).len(), 0, "an unset tag does not exist");
    assert_eq!(fixture.collections("foo"), ["foo", "foo/bar", "foobar"]);
    assert_eq!(fixture.collections("").len(), 4);
}

#[test]
fn properties_change_one_version_at_a_time() {
    let fixture = Fixture::new();
    fixture.create(2, "a/b", "other", &[]);
    let annotate = |expected, changes: &[(&str, &str)], removals: &[&str]| {
        code(fixture.engine.set_stream_annotations(proto::SetStreamAnnotationsParams {
            uuid: fixture.uuid.clone(),
            expected_property_version: expected,
            changes: pairs(changes),
            removals: removals.iter().map(|&key| key.to_owned()).collect(),
        }))
    };
    assert_eq!(annotate(7, &[("a", "1")], &[]), Some(Code::AnnotationVersionMismatch));
    assert_eq!(annotate(1, &[("a", "1"), ("b", "2")], &[]), None);
    assert_eq!(annotate(0, &[("c", "3")], &["a", "missing"]), None);
    assert_eq!(annotate(0, &[("Bad", "3")], &[]), Some(Code::InvalidTagKey));
    let descriptor = fixture.info().descriptor.unwrap();
    assert_eq!((descriptor.property_version, descriptor.annotations), (3, pairs(&[("b", "2"), ("c", "3")])));

    let rename = |collection: &str, tags: &[(&str, &str)]| {
        code(fixture.engine.set_stream_tags(proto::SetStreamTagsParams {
            uuid: fixture.uuid.clone(),
            collection: collection.into(),
            tags: pairs(tags),
            ..Default::default()
        }))
    };
    assert_eq!(rename("", &[("name", "other")]), Some(Code::AmbiguousStream));
    assert_eq!(rename("", &[("colour", "red")]), Some(Code::InvalidTagKey));
    assert_eq!(rename("moved", &[]), None);
    assert_eq!(fixture.collections(""), ["a/b", "moved"]);
    assert_eq!(fixture.info().version_major, 10, "the data did not change");
}

#[test]
fn obliterated_streams_leave_a_tombstone() {
    let fixture = Fixture::new();
    fixture.insert(&[(1, 1.0)], MergePolicy::Never).unwrap();
    let params = proto::ObliterateParams { uuid: fixture.uuid.clone() };
    assert_eq!(code(fixture.engine.obliterate(&params)), None);
    assert_eq!(code(fixture.engine.obliterate(&params)), Some(Code::NoSuchStream));
    assert_eq!(fixture.raw_values(0, 10, 0).unwrap_err(), Code::NoSuchStream);
    assert_eq!(fixture.insert(&[(2, 1.0)], MergePolicy::Never), Err(Code::NoSuchStream));
    assert!(fixture.collections("").is_empty());
    let again = |uuid: &[u8]| {
        code(fixture.engine.create(proto::CreateParams {
            uuid: uuid.to_vec().into(),
            collection: "a/b".into(),
            tags: pairs(&[("name", "n"), ("unit", "V")]),
            ..Default::default()
        }))
    };
    assert_eq!(again(&fixture.uuid), Some(Code::ReusedUuid));
    assert_eq!(again(&[2; 16]), None, "its name is free again");
}

#[test]
fn a_crowd_within_4_ns_is_refused_whole() {
    let fixture = Fixture::new();
    let crowd: Vec<(i64, f64)> = (0..60_000).map(|number| (8, f64::from(number))).collect();
    let version = fixture.insert(&crowd, proto::MergePolicy::Never).unwrap();
    assert_eq!(fixture.insert(&crowd, proto::MergePolicy::Never), Err(Code::ResourceDepleted));
    assert_eq!(fixture.info().version_major, version);
    assert_eq!(fixture.insert(&[(12, 1.0)], proto::MergePolicy::Never), Ok(version + 1));
}
