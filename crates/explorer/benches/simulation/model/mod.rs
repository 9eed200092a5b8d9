//! The explorer's decisions at work, without a browser: the real planner, cache and requests, moved by recorded gestures,
//! against a network and a server that are numbers. Everything follows from a seed.

pub(crate) mod chance;
pub(crate) mod gestures;
pub(crate) mod network;
pub(crate) mod recording;
pub(crate) mod report;
pub(crate) mod session;
