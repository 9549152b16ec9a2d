//! The keys of the catalogue: what has to be said, page by page, and nothing else.

/// Declares a group of texts: a key alone is a text, a key with values is a sentence made of them.
macro_rules! keys {
    ($($(#[$doc:meta])+ $name:ident { $($key:ident $(($($value:ident: $of:ty),+))?)+ })+) => {
        $($(#[$doc])+ #[derive(Debug)] pub(crate) struct $name {
            $(pub(crate) $key: text!($(($($value: $of),+))?),)+
        })+
    };
}

/// The type of a text.
macro_rules! text {
    () => { &'static str };
    (($($value:ident: $of:ty),+)) => { fn($($value: $of),+) -> String };
}

keys! {
    /// The frame around every page.
    Frame {
        skip places notices_new dark light work_in go_over sign_out keys_button
    }

    /// The names of the places in the rail.
    Places {
        today affected devices releases advisories data notices people jobs audit
    }

    /// Words that many pages share.
    Common {
        previous next pages_of_list why copy_text copied selected begin_now stop remove_channel as_a_table
    }

    /// The box for the main question.
    Ask {
        label placeholder ask
    }

    /// The search.
    Search {
        label placeholder suggestions title help_title help_devices help_devices_what help_weaknesses
        help_weaknesses_what help_components help_components_what help_makers help_makers_what help_people
        help_people_what nothing_yet empty_more empty_devices see_all devices weaknesses components makers
        releases people name detail no_bill touches_nothing
    }

    /// Words of headings and buttons that several pages share.
    Words {
        affected affected_devices age answer_and_reason as_of cannot_tell clear_filters clear_them code
        component components data_status device devices export_csv exposure facing_outside fetched filter
        fixed_in go_on keep name no_bill nothing_found owner place prepare_csv records releases remark save
        secret_stays severity site source state support text_to_look_for today ward weakness what what_it_is
        whereabouts why
    }

    /// The window that shows the keys.
    Keys {
        title search move_rows open why this close choose
    }

    /// The state of a device in the search.
    Field {
        asset_tag serial udi address host_name
    }

    /// The page templates of `advisories`.
    AdvisoriesPage {
        ask_all blind_releases list one_line only_as_good only_ours such_as
    }

    /// The page templates of `affected`.
    AffectedPage {
        a_component a_maker a_maker_what a_package a_weakness an_advisory an_advisory_what ask_text can_ask
        cannot_tell each empty empty_what grouped heard heard_such_as how_bad no_match other other_names
        paste question records text_of the_devices settle within would_settle now
    }

    /// The page templates of `data`.
    DataPage {
        ages credits credits_of fetch here how internet mirror nothing other sources speaks state there
    }

    /// The page templates of `device`.
    DevicePage {
        blind facts from_where how_many inside no_past none past sheet some_blind the_way way_down
        weaknesses what_reaches what_to_do where_in which
    }

    /// The page templates of `devices`.
    DevicesPage {
        all blind grid how_sure import no_match oldest only past_support see_blind seen such_as
        support_ended whereabouts with without
    }

    /// The page templates of `release`.
    ReleasePage {
        add add_newer back component document find inside letter letter_about quality read_letter see_inside
        such_as whole from_reading and_more
    }

    /// The page templates of `releases`.
    ReleasesPage {
        add list no_match none such_as what
    }

    /// The page templates of `today`.
    TodayPage {
        affected affected_outside cannot_tell clocks do_first exploited look_through nothing_found
        nothing_waits reach what_reaches cisa_date
    }

    /// The page templates of `advisory`.
    AdvisoryPage {
        also_called about see_devices ask_again distributions advisory says counted package versions
        more_packages text outside
    }

    /// The page templates of `branch`.
    BranchPage {
        made_of more back
    }

    /// The page templates of `audit`.
    AuditPage {
        what_it_is check export such_as action from to no_match nothing entries number when who subject
        detail from_address before after check_title holds back
    }

    /// The sheet of a device for the ward.
    DeviceSheet {
        title(device: &str) print back what_to_do what_reaches weaknesses answer
        less_pressing(weaknesses: usize) the_device taken_over signature printed(when: &str)
    }

    /// A device list that comes in.
    ImportPage {
        title ask what file file_what preview again preview_title done_title take preview_again other_file
        columns not_used to_devices without_sbom(releases: u64) whole_file row_by_row
        row_by_row_refused(rows: usize) line happens noticed left_out(rows: usize)
    }

    /// A bill of materials that comes in.
    UploadPage {
        title what stays maker model version names_what file file_what add added new_release
        run_it(devices: &str) see another document means affect no_weakness none_found untold read services
        relations without_identifier lost where_in mended(problems: &str)
    }

    /// The visitor's own account.
    AccountPage {
        zone_what
        title works_as(organisation: &str, roles: &str) set_up_factor change_password tokens where_signed_in
        sessions browser address since last_seen end this_one end_others sign_on_with(provider: &str)
        linked_as(how: &str) unlink only_way not_linked link(provider: &str) times written_in
        zone_of_browser second_factor codes_left(codes: u64) code_from_app new_codes remove_factor emergency
        emergency_lasts(until: &str) emergency_end emergency_what(hours: i64) emergency_reason
        emergency_take
    }

    /// Tokens for programs.
    TokensPage {
        title what made copy none tokens may until last_used end new what_for may_what days make
    }

    /// The second factor, its codes and how it is asked for.
    FactorPage {
        title set_up forced step_open step_scan step_type key six_digits confirm codes_title codes_keep
        codes_what codes_kept ask_title ask code code_what lost again
    }

    /// The door: signing in.
    SignInPage {
        title sign_in_to(organisation: &str) sign_in_with(provider: &str) or_password administrators
        first_time password not_in_title not_in back word_for_help
    }

    /// The change of a password.
    PasswordPage {
        title choose forced one_time present new again change back
    }

    /// What could not be done.
    ErrorPage {
        status_of(status: u16, request: &str)
    }

    /// An invitation that is taken up.
    InvitationPage {
        title invites(organisation: &str) as_what(roles: &str) accept_as(account: &str)
        not_you(account: &str) accept_with(provider: &str) or_password choose_name choose_password
        password_what again accept have_account sign_in and_accept type_code
    }

    /// The link between an account and an identity at a provider.
    LinkPage {
        title ask(identity: &str, account: &str) back what(identity: &str, account: &str) yes no
    }

    /// The members and the open invitations.
    PeoplePage {
        erase erase_named erase_what erased(values: u64, invitations: u64) erase_none
        title what invite settings(organisation: &str) members roles last_sign_in second_factor open
        none_open who invited_by stands take_back
    }

    /// One member.
    PersonPage {
        unlink unlink_what
        one_time one_time_what what_may_do(name: &str) leaving end end_what(organisation: &str, name: &str)
        open_again close close_what lost give_one_time remove_factor remove_factor_what erasing
        erase_confirm(name: &str) erase erase_what elsewhere
    }

    /// What somebody may do, and until when.
    GrantForm {
        roles makers last_day last_day_what audit_from audit_to
    }

    /// A new invitation.
    InvitePage {
        title ask what full_name mail mail_what make made_title ready(who: &str) ready_what(days: i64)
        letter(organisation: &str) letter_open(address: &str) letter_camera copy back
    }

    /// The settings of the organisation.
    OrganisationPage {
        title what kind second_factor second_factor_what sign_on
    }

    /// The settings of single sign-on.
    SignOnPage {
        provider_such_as issuer_such_as slug_such_as mapping_such_as
        title what all_settings no_address sign_in_page redirect redirect_what check who_which by_value has
        is_here has_none provider in_use provider_name issuer client_id client_secret slug slug_what scopes
        who_comes claim claim_what mapping mapping_what givable newcomers newcomers_invited
        newcomers_welcome what_else passwords passwords_what factors factors_what remove
    }

    /// Background jobs, and one of them.
    JobsPage {
        title what none jobs when how_far_or_what asked_by you_can how_far by_the_clock looks_at how_often
        how_often_of(title: &str) set last next log no_log all
    }

    /// Notices, and how they leave the house.
    NoticesPage {
        title what seen_them none detail when seen new seen_tag by_mail at_once channels send_test
        no_channel mail mail_host port protection sender mail_user mail_password mail_base webhook
        webhook_url webhook_key webhook_what syslog syslog_host protocol udp tcp
    }

    /// Somebody else changed the same.
    MeanwhilePage {
        title changed(what: &str) unsaved differs you_want is_now nothing look secret overwrite
        overwrite_what
    }

    /// The report of a scan as a page of its own.
    ScanReport {
        file document judged pressing version unjudged(components: usize) accepted(by: &str) data has_a_say
        note yes no remarks(count: usize) lost mended credits(names: &str)
    }
}
