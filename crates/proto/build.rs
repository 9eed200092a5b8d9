//! Generates the messages and stubs of `proto/btrdb.proto` with protox, so that no `protoc` is needed.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let root = "../../proto";
    println!("cargo:rerun-if-changed={root}/btrdb.proto");
    let descriptors = protox::compile(["btrdb.proto"], [root])?;
    tonic_prost_build::configure()
        .build_transport(false)
        // Arrow payloads and uuids are shared with the buffers they arrive in.
        .bytes(".")
        .compile_fds(descriptors)?;
    Ok(())
}
