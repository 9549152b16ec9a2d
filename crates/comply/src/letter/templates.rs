//! The templates that come with the program. A house changes them; the check of their content stays.

/// To an affected individual (164.404).
pub const INDIVIDUAL: &str = "\
{{date}}

{{recipient_name}}
{{recipient_address}}

# Notice about your health information

We write to tell you of an event at {{entity}} that concerned your health information.

# What happened

{{what_happened}} It happened on {{breach_date}}. We found out on {{discovery_date}}.

# What information was involved

{{kinds_of_phi}}

# What you can do

{{what_to_do}}

# What we are doing

{{what_we_do}}

# How to reach us

You can call us free of charge at {{toll_free}}, write to {{email}} or to {{postal_address}}.

{{signer}}, {{entity}}
";

/// To prominent media of a State (164.406).
pub const MEDIA: &str = "\
# {{entity}}: notice about health information

{{date}}, for media serving {{state}}. {{entity}} tells the public of an event that concerned the health information of {{affected_in_state}} residents.

# What happened

{{what_happened}} It happened on {{breach_date}} and was found on {{discovery_date}}.

# What information was involved

{{kinds_of_phi}}

# What people can do

{{what_to_do}}

# What {{entity}} is doing

{{what_we_do}}

# Contact

People can call free of charge at {{toll_free}} or write to {{postal_address}}. More: {{website}}.
";

/// What is entered in the portal of HHS (164.408), as a sheet to work from.
pub const HHS: &str = "\
# Report to the Secretary of HHS

Covered entity: {{entity}}. Reported on {{date}} for {{affected_total}} individuals, by the route: {{hhs_route}}.

# What happened

{{what_happened}} It happened on {{breach_date}} and was discovered on {{discovery_date}}.

# Type and place

{{breach_type}}; the information was on: {{location_of_phi}}.

# Kinds of PHI

{{kinds_of_phi}}

# Safeguards before, and actions since

{{safeguards_before}}

{{what_we_do}}

# What individuals were told to do

{{what_to_do}}

# Contact

{{signer}}, {{email}}, {{postal_address}}
";
