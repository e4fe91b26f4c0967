//! Compiles the protocol with a pure-Rust compiler, so that no `protoc` is needed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto/agent.proto");
    let files = protox::compile(["proto/agent.proto"], ["proto"])?;
    // Our own codec, because every open stream keeps its buffers.
    tonic_prost_build::configure()
        .codec_path("crate::codec::SmallCodec")
        .bytes(".missioncontrol.agent.v1.TunnelFrame.data")
        .bytes(".missioncontrol.agent.v1.TunnelFrame.stderr")
        .compile_fds(files)?;
    Ok(())
}
