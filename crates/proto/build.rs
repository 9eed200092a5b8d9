//! Generates the messages and stubs of `proto/btrdb.proto` with protox, so that no `protoc` is needed.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let root = "../../proto";
    println!("cargo:rerun-if-changed={root}/btrdb.proto");
    let descriptors = protox::compile(["btrdb.proto"], [root])?;
    // A field that equals its default is left out, and to prost -0.0 equals 0.0: without this its sign would be lost.
    let signed = ["RawPoint.value", "StatPoint.min", "StatPoint.mean", "StatPoint.max"];
    let config = signed.iter().fold(tonic_prost_build::configure(), |config, field| {
        config.field_attribute(format!("v5api.{field}"), "#[prost(required)]")
    });
    config
        .build_transport(false)
        // Arrow payloads and uuids are shared with the buffers they arrive in.
        .bytes(".")
        .compile_fds(descriptors)?;
    Ok(())
}
