//! The proxy alone, as `bedrail waf run` starts it: `cargo run -p bedrail-waf --example run -- FILE`.

use std::path::Path;

#[expect(clippy::print_stdout, reason = "it says where it listens")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("which file of sites?")?;
    #[expect(clippy::disallowed_methods, reason = "the rim: where the clock comes from")]
    let clock = jiff::Timestamp::now;
    bedrail_waf::cli::run(Path::new(&file), clock, |started| {
        println!("listening: {:?}", started.addresses);
        for (name, error) in started.not_loaded {
            println!("rule set {name} is not in use: {error}");
        }
    })?;
    Ok(())
}
