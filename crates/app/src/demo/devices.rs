//! The device list of the sample: where each device stands, who answers for it, how it is reached.

use jiff::ToSpan;

use super::TODAY;
use super::random::Random;
use super::tables::{Product, Release, Tables, Ward};
use super::udi;

/// The header, in words that an inventory export uses.
const HEADER: &str = "Asset tag,Serial number,UDI,Manufacturer,Model,Software version,Operating system,Device type,\
                      Site,Ward,Owner,IP address,Host name,Exposure,End of support";

/// Networks for documentation (RFC 5737): what faces the outside has its address there.
const OUTSIDE_NETWORKS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];

/// Devices of a ward in one network of the last number.
const HOSTS_PER_NETWORK: usize = 200;

/// The list as CSV.
pub(super) fn list(tables: &Tables) -> String {
    let mut list =
        List { tables, hosts: vec![0; tables.wards.len()], outside: 0, devices: 0, text: HEADER.to_owned() };
    list.text.push('\n');
    for (place, product) in tables.products.iter().enumerate() {
        list.add_product(place, product);
    }
    list.text
}

/// A list that grows.
struct List<'a> {
    tables: &'a Tables,
    /// Devices with an address so far, by ward.
    hosts: Vec<usize>,
    /// Devices that face the outside so far.
    outside: usize,
    /// Devices so far.
    devices: usize,
    text: String,
}

impl List<'_> {
    fn add_product(&mut self, place: usize, product: &Product) {
        let mut random = Random::of(&format!("devices {}", product.code));
        let mut faces_outside: Vec<bool> =
            (0..product.devices).map(|device| device < product.outside).collect();
        random.shuffle(&mut faces_outside);
        let releases: Vec<&Release> =
            self.tables.releases.iter().filter(|release| release.product == place).collect();
        let counts = shares(product.devices, &releases);
        let runs = releases.iter().zip(counts).flat_map(|(release, count)| vec![*release; count]);
        for (release, outside) in runs.zip(faces_outside) {
            self.add_device(place, release, outside, &mut random);
        }
    }

    fn add_device(&mut self, place: usize, release: &Release, outside: bool, random: &mut Random) {
        self.devices += 1;
        let product = &self.tables.products[place];
        let maker = &self.tables.makers[product.maker];
        let ward_place = self.choose_ward(product, random);
        let ward = &self.tables.wards[ward_place];
        let exposure = if outside { "outside" } else { self.choose_exposure(product, random) };
        let made = TODAY - (200 + random.below(3600) as i64).days();
        let serial = format!("{}{:08}", maker.code[..2].to_uppercase(), random.below(100_000_000));
        let udi = if random.percent(82) {
            udi::identifier(maker.number, place + 1, made, &serial)
        } else {
            String::new()
        };
        let owner = if random.percent(94) { ward.owner } else { "" };
        let address = self.address(ward_place, exposure);
        let named = !address.is_empty() && random.percent(88);
        let host_name = if named { self.host_name(ward, product) } else { String::new() };
        let fields = [
            &format!("QH-{:06}", 100_000 + self.devices * 7),
            &serial,
            &udi,
            maker.name,
            product.model,
            release.version,
            release.operating_system,
            product.kind,
            ward.site,
            ward.name,
            owner,
            &address,
            &host_name,
            exposure,
            release.support_ends,
        ];
        self.text.push_str(&fields.map(quoted).join(","));
        self.text.push('\n');
    }

    fn choose_ward(&self, product: &Product, random: &mut Random) -> usize {
        let wards = &self.tables.kinds[product.kind].wards;
        let weights: Vec<u64> = self
            .tables
            .wards
            .iter()
            .map(|ward| if wards.contains(&ward.code) { ward.weight } else { 0 })
            .collect();
        random.weighted(&weights)
    }

    fn choose_exposure(&self, product: &Product, random: &mut Random) -> &'static str {
        let [flat, isolated, offline] = self.tables.kinds[product.kind].exposure;
        let unknown = 100 - flat - isolated - offline;
        ["flat", "isolated", "offline", ""][random.weighted(&[flat, isolated, offline, unknown])]
    }

    fn address(&mut self, ward: usize, exposure: &str) -> String {
        match exposure {
            "offline" => String::new(),
            "outside" => {
                let network = OUTSIDE_NETWORKS[self.outside % OUTSIDE_NETWORKS.len()];
                self.outside += 1;
                format!("{network}.{}", 10 + self.outside / OUTSIDE_NETWORKS.len())
            }
            _ => {
                let host = self.hosts[ward];
                self.hosts[ward] += 1;
                let third = ward * 4 + host / HOSTS_PER_NETWORK;
                format!("{}.{third}.{}", self.tables.wards[ward].network, 10 + host % HOSTS_PER_NETWORK)
            }
        }
    }

    fn host_name(&self, ward: &Ward, product: &Product) -> String {
        let kind = self.tables.kinds[product.kind].code;
        format!("{}-{}-{kind}-{:04}.quillhaven.example", ward.site_code, ward.code, self.devices)
    }
}

/// How many devices run each release: by weight, the rounding carried on so that every device is given out.
fn shares(devices: usize, releases: &[&Release]) -> Vec<usize> {
    let mut weight = 0;
    let mut given = 0;
    let share = |release: &&Release| {
        weight += release.weight;
        let count = devices * weight / 100 - given;
        given += count;
        count
    };
    releases.iter().map(share).collect()
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
