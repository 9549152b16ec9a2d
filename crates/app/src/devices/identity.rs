//! By what a device is known again when the next list names it.

use bedrail_model::device::DeviceFacts;
use bedrail_store::devices::DeviceKeys;

/// The keys of a device by its facts: asset tag; maker and serial; UDI where it is of one device. A device that has none
/// of them is known by its host name.
pub(super) fn keys(facts: &DeviceFacts) -> DeviceKeys {
    let plain = |text: &Option<String>| text.as_deref().map(bare).filter(|text| !text.is_empty());
    let maker = plain(&facts.maker).unwrap_or_default();
    let serial = plain(&facts.serial).map(|serial| format!("{maker}\u{1f}{serial}"));
    let udi = facts.udi.as_deref().filter(|udi| is_of_one_device(udi)).map(bare);
    let mut keys = DeviceKeys { asset: plain(&facts.asset_tag), serial, udi };
    if keys == DeviceKeys::default() {
        // Not an asset tag, so it is marked as what it is: a host name never collides with a tag.
        keys.asset = plain(&facts.host_name).map(|host| format!("\u{1f}host {host}"));
    }
    keys
}

/// Without case and space.
pub(super) fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Whether a UDI names one device, not a model: it has a production identifier beside the device identifier
/// (21 CFR 801.3; GS1 AI (21) is the serial, HIBCC and ICCBBA mark it by `/` and `=`).
fn is_of_one_device(udi: &str) -> bool {
    let udi = udi.trim();
    if let Some(rest) = udi.strip_prefix("(01)") {
        return rest.contains("(21)");
    }
    if udi.len() > 18 && udi.starts_with("01") && udi[..16].bytes().all(|byte| byte.is_ascii_digit()) {
        return udi[16..].contains("21");
    }
    (udi.starts_with('+') && udi.contains('/')) || (udi.starts_with('=') && udi.contains("=,"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_udi_of_a_model_is_no_identity() {
        for (udi, one) in [
            ("(01)00844588003288(17)141120(10)7654321D(21)10987654d321", true),
            ("(01)00844588003288", false),
            ("(01)00844588003288(10)LOT", false),
            ("00844588003288", false),
            ("010084458800328821ABC", true),
            ("+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ", true),
            ("é01", false),
        ] {
            assert_eq!(is_of_one_device(udi), one, "{udi}");
        }
    }
}
