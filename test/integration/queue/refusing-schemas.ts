export interface RefusingSchema {
  readonly breaks: string;
  readonly fixes: string;
  /** A part of the message. */
  readonly says: string;
  /** Seen in an empty table too, because no trigger must run for it. */
  readonly isShape: boolean;
}

/** An app's schema that cannot hold a published film, and the change of its owner that repairs it. */
export const refusingSchemas: Readonly<Record<string, RefusingSchema>> = {
  "whose check of status lacks completed": {
    breaks: `alter table public.capsules add constraint known_status check (status in ('active', 'closed'))`,
    fixes: `alter table public.capsules drop constraint known_status`,
    says: "known_status",
    isShape: true,
  },
  "whose enum of status lacks completed": {
    breaks: `
      create type public.capsule_status as enum ('active', 'closed');
      alter table public.capsules drop constraint if exists capsules_status_check;
      alter table public.capsules alter column status drop default;
      alter table public.capsules alter column status type public.capsule_status
        using status::public.capsule_status`,
    fixes: `alter type public.capsule_status add value 'completed'`,
    says: 'capsule_status: "completed"',
    isShape: true,
  },
  "whose address is too short": {
    breaks: `alter table public.capsules alter column final_video_url type varchar(80)`,
    fixes: `alter table public.capsules alter column final_video_url type text`,
    says: "value too long for type character varying(80)",
    isShape: true,
  },
  "whose trigger raises": {
    breaks: `
      create function public.refuse() returns trigger language plpgsql as
        $$ begin raise exception 'capsules are completed by hand'; end $$;
      create trigger refuse before update on public.capsules for each row execute function public.refuse()`,
    fixes: `drop trigger refuse on public.capsules`,
    says: "capsules are completed by hand",
    isShape: false,
  },
  "whose trigger leaves the row as it was": {
    breaks: `
      create function public.ignore() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger ignore before update on public.capsules for each row execute function public.ignore()`,
    fixes: `drop trigger ignore on public.capsules`,
    says: "was not updated",
    isShape: false,
  },
  "whose trigger closes the capsule again": {
    breaks: `
      create function public.close() returns trigger language plpgsql as
        $$ begin new.status := 'closed'; return new; end $$;
      create trigger close before update on public.capsules for each row execute function public.close()`,
    fixes: `drop trigger close on public.capsules`,
    says: "sets status back to closed",
    isShape: false,
  },
  "whose deferred constraint refuses the row": {
    breaks: `
      create function public.refuse_late() returns trigger language plpgsql as
        $$ begin raise exception 'refused at the end' using errcode = 'check_violation'; end $$;
      create constraint trigger refuse_late after update on public.capsules deferrable initially deferred
        for each row execute function public.refuse_late()`,
    fixes: `drop trigger refuse_late on public.capsules`,
    says: "refused at the end",
    isShape: false,
  },
};
