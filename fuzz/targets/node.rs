//! Blocks of the store: any bytes give a node or an error, and a node comes back as it is.

#![no_main]

use btrdb_tree::codec;

fn seeds() -> Vec<Vec<u8>> {
    use btrdb_tree::{Address, Core, Leaf, Node, Slot};
    let stat = btrdb_core::Stat::one(2.5);
    let mut core = Core::default();
    for number in [0, 7, 63] {
        core.set(number, Address::new(number as u64 + 1).map(|address| Slot { address, version: 11, stat }));
    }
    let leaf = |points: Vec<(i64, f64)>| {
        let points = points.into_iter().map(|(time, value)| btrdb_core::Point { time, value });
        Node::Leaf(Leaf { points: points.collect() })
    };
    let decimals = leaf((0..200).map(|i| (i * 8_333_333, 60.0 + (i % 7) as f64 / 1e4)).collect());
    let bits = leaf((0..70).map(|i| (i, (i as f64).sin())).collect());
    let encoded = |node: &Node| {
        let mut bytes = Vec::new();
        codec::encode(node, &mut bytes);
        bytes
    };
    [Node::Core(core), decimals, bits].iter().map(encoded).collect()
}

libfuzzer_sys::fuzz_target!(init: btrdb_fuzz::write(seeds()), |bytes: &[u8]| {
    if let Ok(node) = codec::decode(bytes) {
        let mut again = Vec::new();
        codec::encode(&node, &mut again);
        let back = codec::decode(&again).map(|back| format!("{back:?}"));
        assert_eq!(back, Ok(format!("{node:?}")));
    }
});
