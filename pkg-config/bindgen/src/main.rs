//! `taskloom-bindgen IN.wasm OUT_DIR`: writes the wasm-bindgen glue of IN, and the constants that the JavaScript side
//! shares with core, into `OUT_DIR`.
//!
//! It stands in for the `wasm-bindgen` command line tool, which takes minutes to install where this takes
//! seconds, and its version can never differ from the one in Cargo.lock.

use std::{env, fmt::Write, fs, path::Path, process::ExitCode};

use taskloom::core::{engine, pool, protocol};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (Some(input), Some(out_dir), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("usage: taskloom-bindgen IN.wasm OUT_DIR");
        return ExitCode::from(2);
    };
    let out_dir = Path::new(&out_dir);
    let glue = Bindgen::new()
        .input_path(input)
        .out_name("taskloom")
        .typescript(false)
        .remove_producers_section(true)
        .remove_name_section(true)
        .omit_default_module_path(true)
        // `init({ restart: true })` after a panic needs a fresh instance behind the same exports.
        .reset_state_function(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(out_dir));
    if let Err(error) = glue {
        eprintln!("wasm-bindgen failed: {error:#}");
        return ExitCode::FAILURE;
    }
    let modules = [
        ("constants.js", [&engine::wire::CONSTANTS[..], &pool::wire::CONSTANTS[..]].concat()),
        ("protocol.js", protocol::CONSTANTS.to_vec()),
    ];
    for (name, constants) in modules {
        if let Err(error) = fs::write(out_dir.join(name), module(&constants)) {
            eprintln!("{} can't be written: {error}", out_dir.join(name).display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn module(constants: &[(&str, i64)]) -> String {
    let mut module = String::from("// Generated from the constants in src/core.\n");
    for (name, value) in constants {
        let _ = writeln!(module, "export const {name} = {value};");
    }
    module
}
