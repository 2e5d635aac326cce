-- One function that calls the others, so that a worker calls them in the same way over a connection and over the Data API
-- with the service key.

-- Returns what the catalogs tell about this database. Its text also runs alone where no function exists yet, so it names
-- only catalogs.
create function keepsake.catalogs()
returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp
as $catalogs$
  select jsonb_build_object(
    'pgmq', exists (
      select from pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      where n.nspname = 'pgmq' and p.proname = 'read'
    ),
    -- The installed version. Where PGMQ is no extension only 1.10 is recognised, by its defect. Otherwise the version that
    -- would be installed.
    'pgmq_version', coalesce(
      (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'pgmq'),
      (
        select '1.10' from pg_catalog.pg_proc as p
        join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
        where n.nspname = 'pgmq' and p.proname = 'read' and p.prosrc ~* 'returning m\.\*' limit 1
      ),
      (select a.default_version from pg_catalog.pg_available_extensions as a where a.name = 'pgmq')
    ),
    'migrated', exists (
      select from pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      where n.nspname = 'keepsake' and p.proname = 'applied_migrations'
    ),
    'queues', coalesce((
      select jsonb_agg(c.relname) from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      where n.nspname = 'pgmq'
        and c.relname in ('q_video_jobs_queue', 'a_video_jobs_queue', 'q_video_jobs_dlq', 'a_video_jobs_dlq')
    ), '[]'),
    'columns', coalesce((
      select jsonb_agg(jsonb_build_object(
        'table', c.relname, 'column', a.attname, 'type', pg_catalog.format_type(a.atttypid, null)
      ))
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname = 'public' and c.relname in ('capsules', 'messages') and c.relkind in ('r', 'p', 'v', 'f')
    ), '[]'),
    -- Tables with policies that would hide rows from the role that our functions run as.
    'hidden', coalesce((
      select jsonb_agg(jsonb_build_object('table', n.nspname || '.' || c.relname, 'role', r.rolname) order by n.nspname desc, c.relname)
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      join pg_catalog.pg_namespace as ours on ours.nspname = 'keepsake'
      join pg_catalog.pg_proc as p on p.pronamespace = ours.oid and p.proname = 'capsule_content'
      join pg_catalog.pg_roles as r on r.oid = p.proowner
      where (n.nspname = 'public' and c.relname in ('capsules', 'messages') or n.nspname = 'pgmq' and c.relname in (
          'q_video_jobs_queue', 'a_video_jobs_queue', 'q_video_jobs_dlq', 'a_video_jobs_dlq'
        ))
        and c.relrowsecurity and not r.rolsuper and not r.rolbypassrls
        and (c.relforcerowsecurity or not pg_catalog.pg_has_role(r.oid, c.relowner, 'usage'))
    ), '[]'),
    -- Columns that messages have in this PGMQ and the tables of our queues lack, as after a restore of an older version.
    'missing_columns', coalesce((
      select jsonb_agg('pgmq.' || c.relname || '.' || a.attname order by c.relname, a.attnum)
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'pgmq'
      join pg_catalog.pg_class as record on record.relnamespace = n.oid and record.relname = 'message_record'
      join pg_catalog.pg_attribute as a on a.attrelid = record.oid and a.attnum > 0 and not a.attisdropped
      where c.relname in ('q_video_jobs_queue', 'a_video_jobs_queue', 'q_video_jobs_dlq', 'a_video_jobs_dlq')
        and not exists (
          select from pg_catalog.pg_attribute as there
          where there.attrelid = c.oid and there.attname = a.attname and not there.attisdropped
        )
    ), '[]'),
    -- Rights on PGMQ's schema and on the tables of our two queues that are missing for the role that our functions run as.
    -- Where there are no functions yet, that is the calling role.
    'missing_rights', coalesce((
      select jsonb_agg(jsonb_build_object(
        'table', case c.relkind when 'n' then 'schema pgmq' else 'pgmq.' || c.relname end,
        'right', needed.name,
        'role', runner.rolname,
        'owner', pg_catalog.pg_get_userbyid(c.relowner)
      ) order by c.relname, needed.place)
      from pg_catalog.pg_roles as runner
      cross join (
        select t.oid, t.relname, t.relkind, t.relowner
        from pg_catalog.pg_class as t
        join pg_catalog.pg_namespace as n on n.oid = t.relnamespace and n.nspname = 'pgmq'
        where t.relname in ('q_video_jobs_queue', 'a_video_jobs_queue', 'q_video_jobs_dlq', 'a_video_jobs_dlq')
        union all
        select n.oid, n.nspname, 'n', n.nspowner from pg_catalog.pg_namespace as n where n.nspname = 'pgmq'
      ) as c
      cross join (values (1, 'usage'), (2, 'select'), (3, 'insert'), (4, 'update'), (5, 'delete')) as needed (place, name)
      where runner.oid = coalesce(
          (
            select p.proowner from pg_catalog.pg_proc as p
            join pg_catalog.pg_namespace as ours on ours.oid = p.pronamespace and ours.nspname = 'keepsake'
            where p.proname = 'capsule_content' limit 1
          ),
          (select me.oid from pg_catalog.pg_roles as me where me.rolname = current_user)
        )
        and case
          when c.relkind = 'n' and needed.name = 'usage'
            then not pg_catalog.has_schema_privilege(runner.oid, c.oid, 'usage')
          -- No function updates archived messages.
          when c.relkind <> 'n' and needed.name <> 'usage' and not (needed.name = 'update' and c.relname ^@ 'a_')
            then not pg_catalog.has_table_privilege(runner.oid, c.oid, needed.name)
          else false
        end
    ), '[]'),
    -- The indexes that `keepsake.index_queues` creates.
    'missing_indexes', coalesce((
      select jsonb_agg(index.name order by index.name)
      from (values
        ('keepsake_jobs_of_capsule', 'q_video_jobs_queue'),
        ('keepsake_dead_letters_of_capsule', 'q_video_jobs_dlq')
      ) as index (name, queue)
      where not exists (
        select from pg_catalog.pg_index as i
        join pg_catalog.pg_class as c on c.oid = i.indexrelid and c.relname = index.name
        join pg_catalog.pg_class as t on t.oid = i.indrelid and t.relname = index.queue
        join pg_catalog.pg_namespace as n on n.oid = t.relnamespace and n.nspname = 'pgmq'
        where i.indisvalid
      )
    ), '[]'),
    -- The names that the integration guide uses.
    'missing_names', coalesce((
      select jsonb_agg(guide.schema || '.' || guide.name order by guide.schema, guide.name)
      from (values
        ('pgmq', 'receive'), ('pgmq', 'size'), ('pgmq', 'purge'),
        ('public', 'get_video_queue_status'), ('public', 'add_video_generation_job'), ('public', 'keepsake_call')
      ) as guide (schema, name)
      where not exists (
        select from pg_catalog.pg_proc as p
        join pg_catalog.pg_namespace as n on n.oid = p.pronamespace and n.nspname = guide.schema
        where p.proname = guide.name
      )
    ), '[]'),
    -- Roles that may not call our functions although they should.
    'missing_grants', coalesce((
      select jsonb_agg(grantee.name order by grantee.name)
      from (values ('keepsake_worker'), ('service_role')) as grantee (name)
      left join pg_catalog.pg_roles as r on r.rolname = grantee.name
      where (r.oid is not null or grantee.name = 'keepsake_worker') and not exists (
        select from pg_catalog.pg_namespace as n
        join pg_catalog.pg_proc as p on p.pronamespace = n.oid and p.proname = 'call'
        where n.nspname = 'keepsake' and pg_catalog.has_schema_privilege(r.oid, n.oid, 'usage')
          and pg_catalog.has_function_privilege(r.oid, p.oid, 'execute')
      )
    ), '[]'),
    -- Tables of our queues that are members of the extension, as PGMQ before 1.6 makes them. pg_dump leaves them out.
    'undumped', coalesce((
      select jsonb_agg('pgmq.' || c.relname order by c.relname)
      from pg_catalog.pg_depend as d
      join pg_catalog.pg_extension as e on e.oid = d.refobjid and e.extname = 'pgmq'
      join pg_catalog.pg_class as c on c.oid = d.objid
      where d.classid = 'pg_catalog.pg_class'::regclass and d.refclassid = 'pg_catalog.pg_extension'::regclass
        and d.deptype = 'e' and c.relname ~ '^[qa]_video_jobs_(queue|dlq)(_msg_id_seq)?$'
    ), '[]'),
    -- Tables of our queues that clients of the app can read, write or empty: the app exposes its queues and row security is
    -- off, or clients have rights that row security does not cover.
    'exposed_queues', coalesce((
      select jsonb_agg('pgmq.' || c.relname order by c.relname)
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'pgmq'
      where c.relname in ('q_video_jobs_queue', 'a_video_jobs_queue', 'q_video_jobs_dlq', 'a_video_jobs_dlq')
        and exists (
          select from pg_catalog.pg_roles as r
          where r.rolname in ('anon', 'authenticated') and pg_catalog.has_schema_privilege(r.oid, n.oid, 'usage')
            and pg_catalog.has_table_privilege(r.oid, c.oid,
              case when c.relrowsecurity then 'truncate, trigger' else 'select, insert, update, delete, truncate' end)
        )
    ), '[]'),
    -- Whether both triggers that enqueue a closed capsule exist and are enabled.
    'enqueue_trigger', (
      select count(*) = 2
      from pg_catalog.pg_trigger as t
      join pg_catalog.pg_class as c on c.oid = t.tgrelid and c.relname = 'capsules'
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'public'
      where t.tgname in ('keepsake_enqueue_inserted', 'keepsake_enqueue_closed') and t.tgenabled in ('O', 'A')
    )
  )
$catalogs$;

-- Calls a function by its name, with its arguments by theirs. A set is returned as an array of objects, `out` parameters
-- as one object, anything else as the value. It runs as the caller, so the grants of each function decide who may call
-- it. Callers give up after ten seconds or more, and then no part of the call still waits for a lock.
create function keepsake.call(function_name text, arguments jsonb)
returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '8s'
as $$
begin
  -- At any other level a transaction keeps the snapshot from before it waited for a lock, and would publish outdated films.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'its transactions are % by default, and Keepsake needs them read committed: set default_transaction_isolation for the role or the database back to that',
      current_setting('transaction_isolation') using errcode = 'feature_not_supported';
  end if;
  case function_name
    -- Called by workers.
    when 'claim' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.claim(
        worker => arguments ->> 'worker',
        lease_seconds => (arguments ->> 'lease_seconds')::integer,
        claim_id => (arguments ->> 'claim_id')::uuid
      ) as r);
    when 'register_worker' then
      perform keepsake.register_worker(
        worker => arguments ->> 'worker',
        slots => (arguments ->> 'slots')::integer,
        version => arguments ->> 'version',
        not_claiming => arguments ->> 'not_claiming'
      );
      return null;
    when 'unregister_worker' then
      perform keepsake.unregister_worker(worker => arguments ->> 'worker');
      return null;
    when 'acquire' then
      return to_jsonb(keepsake.acquire(
        msg_id => (arguments ->> 'msg_id')::bigint,
        read_ct => (arguments ->> 'read_ct')::integer,
        capsule_id => (arguments ->> 'capsule_id')::uuid
      ));
    when 'heartbeat' then
      return to_jsonb(keepsake.heartbeat(
        msg_id => (arguments ->> 'msg_id')::bigint,
        read_ct => (arguments ->> 'read_ct')::integer,
        lease_seconds => (arguments ->> 'lease_seconds')::integer,
        stage => arguments ->> 'stage',
        done => (arguments ->> 'done')::bigint,
        total => (arguments ->> 'total')::bigint,
        unit => arguments ->> 'unit'
      ));
    when 'publish' then
      return to_jsonb(keepsake.publish(
        msg_id => (arguments ->> 'msg_id')::bigint,
        read_ct => (arguments ->> 'read_ct')::integer,
        film => arguments -> 'film'
      ));
    when 'published_film' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.published_film(
        capsule_id => (arguments ->> 'capsule_id')::uuid
      ) as r);
    when 'finish' then
      return (select to_jsonb(r) from keepsake.finish(
        msg_id => (arguments ->> 'msg_id')::bigint,
        read_ct => (arguments ->> 'read_ct')::integer,
        outcome => arguments ->> 'outcome',
        error_code => arguments ->> 'error_code',
        error_message => arguments ->> 'error_message',
        error_stack => arguments ->> 'error_stack',
        fingerprint => arguments ->> 'fingerprint',
        content_digest => arguments ->> 'content_digest',
        source_state => arguments ->> 'source_state'
      ) as r);
    when 'report_outage' then
      return (select to_jsonb(r) from keepsake.report_outage(
        claim_id => (arguments ->> 'claim_id')::uuid,
        error_message => arguments ->> 'error_message'
      ) as r);
    when 'capsule_content' then
      return keepsake.capsule_content(
        capsule_id => (arguments ->> 'capsule_id')::uuid,
        max_messages => (arguments ->> 'max_messages')::integer,
        limits => coalesce(arguments -> 'limits', '{}')
      );
    when 'catalogs' then
      return keepsake.catalogs();
    when 'try_publish' then
      return (select to_jsonb(r) from keepsake.try_publish(url => arguments ->> 'url') as r);
    when 'newest_media' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.newest_media(
        max_count => (arguments ->> 'max_count')::integer
      ) as r);
    when 'applied_migrations' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.applied_migrations() as r);
    when 'get_video_queue_status' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.queue_status() as r);
    when 'sweep' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.sweep(
        worker => arguments ->> 'worker',
        every_seconds => (arguments ->> 'every_seconds')::double precision
      ) as r);
    when 'prune' then
      return (select to_jsonb(r) from keepsake.prune(keep_days => (arguments ->> 'keep_days')::integer) as r);
    when 'claim_removals' then
      return (select coalesce(jsonb_agg(r), '[]') from keepsake.claim_removals(
        keep_days => (arguments ->> 'keep_days')::integer
      ) as r);
    when 'finish_removal' then
      return to_jsonb(keepsake.finish_removal(
        capsule_id => (arguments ->> 'capsule_id')::uuid,
        objects => (arguments ->> 'objects')::integer,
        worker => arguments ->> 'worker'
      ));
    when 'forgotten_since' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.forgotten_since(
        after_operation_id => (arguments ->> 'after_operation_id')::bigint
      ) as r);
    -- Called by operators.
    when 'enqueue' then
      return to_jsonb(keepsake.enqueue(capsule_id => (arguments ->> 'capsule_id')::uuid));
    when 'enqueue_by_operator' then
      return (select to_jsonb(r) from keepsake.enqueue_by_operator(
        capsule_id => (arguments ->> 'capsule_id')::uuid,
        at_once => (arguments ->> 'at_once')::boolean,
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'stuck_capsules' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.stuck_capsules(
        max_count => (arguments ->> 'max_count')::integer,
        only_capsule_id => (arguments ->> 'only_capsule_id')::uuid
      ) as r);
    when 'requeue_stuck' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.requeue_stuck(
        only_capsule_id => (arguments ->> 'only_capsule_id')::uuid,
        max_count => (arguments ->> 'max_count')::integer,
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'incomplete_capsules' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.incomplete_capsules(
        warning_code => arguments ->> 'warning_code',
        published_until => (arguments ->> 'published_until')::timestamptz,
        after_capsule_id => (arguments ->> 'after_capsule_id')::uuid,
        max_count => (arguments ->> 'max_count')::integer
      ) as r);
    when 'count_incomplete' then
      return (select to_jsonb(r) from keepsake.count_incomplete(warning_code => arguments ->> 'warning_code') as r);
    when 'requeue_incomplete' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.requeue_incomplete(
        warning_code => arguments ->> 'warning_code',
        published_until => (arguments ->> 'published_until')::timestamptz,
        after_capsule_id => (arguments ->> 'after_capsule_id')::uuid,
        max_count => (arguments ->> 'max_count')::integer,
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'cancel' then
      return (select to_jsonb(r) from keepsake.cancel(
        capsule_id => (arguments ->> 'capsule_id')::uuid,
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'begin_forgetting' then
      return (select to_jsonb(r) from keepsake.begin_forgetting(
        capsule_id => (arguments ->> 'capsule_id')::uuid
      ) as r);
    when 'finish_forgetting' then
      return (select to_jsonb(r) from keepsake.finish_forgetting(
        capsule_id => (arguments ->> 'capsule_id')::uuid,
        objects => (arguments ->> 'objects')::integer,
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'count_purgeable' then
      return (select to_jsonb(r) from keepsake.count_purgeable() as r);
    when 'purge' then
      return (select to_jsonb(r) from keepsake.purge(
        after_msg_id => (arguments ->> 'after_msg_id')::bigint,
        last_msg_id => (arguments ->> 'last_msg_id')::bigint,
        with_running => (arguments ->> 'with_running')::boolean,
        max_count => (arguments ->> 'max_count')::integer,
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'pause' then
      return (select to_jsonb(r) from keepsake.pause(
        reason => arguments ->> 'reason',
        done_by => arguments ->> 'done_by'
      ) as r);
    when 'resume' then
      return to_jsonb(keepsake.resume(done_by => arguments ->> 'done_by'));
    when 'status' then
      return keepsake.status();
    when 'capsule_history' then
      return keepsake.capsule_history(capsule_id => (arguments ->> 'capsule_id')::uuid);
    when 'list_operations' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.list_operations(
        max_count => (arguments ->> 'max_count')::integer
      ) as r);
    when 'list_films' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.list_films(
        state => arguments ->> 'state',
        max_count => (arguments ->> 'max_count')::integer,
        incomplete => coalesce((arguments ->> 'incomplete')::boolean, false),
        warning_code => arguments ->> 'warning_code',
        after_capsule_id => (arguments ->> 'after_capsule_id')::uuid
      ) as r);
    when 'list_attempts' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.list_attempts(
        capsule_id => (arguments ->> 'capsule_id')::uuid
      ) as r);
    when 'list_dead_letters' then
      return (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from keepsake.list_dead_letters(
        code => arguments ->> 'code',
        max_count => (arguments ->> 'max_count')::integer,
        only_reason => arguments ->> 'only_reason',
        only_dead_letter_id => (arguments ->> 'only_dead_letter_id')::bigint
      ) as r);
    when 'count_dead_letters' then
      return (select to_jsonb(r) from keepsake.count_dead_letters(
        code => arguments ->> 'code',
        reason => arguments ->> 'reason'
      ) as r);
    when 'retry_dead_letter' then
      return to_jsonb(keepsake.retry_dead_letter(
        dead_letter_id => (arguments ->> 'dead_letter_id')::bigint,
        payload => nullif(arguments -> 'payload', 'null'),
        done_by => arguments ->> 'done_by'
      ));
    when 'retry_dead_letters' then
      return to_jsonb(keepsake.retry_dead_letters(
        last_dead_letter_id => (arguments ->> 'last_dead_letter_id')::bigint,
        code => arguments ->> 'code',
        reason => arguments ->> 'reason',
        max_count => (arguments ->> 'max_count')::integer,
        done_by => arguments ->> 'done_by'
      ));
    when 'discard_dead_letter' then
      return to_jsonb(keepsake.discard_dead_letter(
        dead_letter_id => (arguments ->> 'dead_letter_id')::bigint,
        done_by => arguments ->> 'done_by'
      ));
    when 'discard_dead_letters' then
      return to_jsonb(keepsake.discard_dead_letters(
        last_dead_letter_id => (arguments ->> 'last_dead_letter_id')::bigint,
        code => arguments ->> 'code',
        reason => arguments ->> 'reason',
        max_count => (arguments ->> 'max_count')::integer,
        done_by => arguments ->> 'done_by'
      ));
    else
      raise exception 'keepsake.call knows no function %', function_name using errcode = 'undefined_function';
  end case;
end
$$;
