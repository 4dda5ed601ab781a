//! Generates the messages, the server's and the client's half of the services, and the descriptor
//! set for reflection, without an installed protoc.

use std::{env, error::Error, fs, path::PathBuf};

use protox::prost_reflect::{prost::Message, prost_types::FileDescriptorSet};

const ROOT: &str = "proto";
const FILES: [&str; 2] = [
    "pacioli/v1/admin_service.proto",
    "pacioli/v1/ledger_service.proto",
];

/// The messages of the hot path have codecs of their own, from and to the core's types.
const BY_HAND: [(&str, &str); 2] = [
    (".pacioli.v1.CreateTransfersRequest", "crate::TransferBatch"),
    (
        ".pacioli.v1.CreateTransfersResponse",
        "crate::TransferBatchAnswer",
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={ROOT}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut compiler = protox::Compiler::new([ROOT])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(FILES)?;
    let set = compiler.file_descriptor_set();

    let builder = || tonic_prost_build::configure().emit_rerun_if_changed(false);
    let subfolder = |name: &str| {
        let folder = out.join(name);
        fs::create_dir_all(&folder).map(|()| folder)
    };

    // Every message, those of the hot path too: they are what its codecs are tested against.
    builder()
        .build_client(false)
        .build_server(false)
        .out_dir(subfolder("messages")?)
        .compile_fds(set.clone())?;

    // The two halves differ in what an undecodable message means: a server refuses the request,
    // a client does not know what became of its own.
    let service = |codec: &str| {
        BY_HAND.iter().fold(
            builder()
                .codec_path(codec)
                .extern_path(".pacioli.v1", "crate::v1"),
            |builder, (message, codec)| builder.extern_path(message, codec),
        )
    };
    service("crate::codec::ServerCodec")
        .build_client(false)
        .out_dir(subfolder("server")?)
        .compile_fds(set.clone())?;
    service("crate::codec::ClientCodec")
        .build_server(false)
        .out_dir(subfolder("client")?)
        .compile_fds(set.clone())?;

    fs::write(out.join("descriptors.bin"), without_sources(set))?;
    Ok(())
}

/// Reflection needs no positions in source files.
fn without_sources(mut set: FileDescriptorSet) -> Vec<u8> {
    for file in &mut set.file {
        file.source_code_info = None;
    }
    set.encode_to_vec()
}
