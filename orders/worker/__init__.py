"""What Celery's workers do. `orders.tasks` has the tasks that call this package.

purchasing           getNumber, and the cancel or finish that somebody requested
polling              getStatus of every bought number
poll_leases          which orders are polled now, and by whom
poll_order           which are polled first while LegitSMS allows few requests
status_requests      one getStatus, with its code written to the journal
reported_purchases   checks what a person reported about an unclear purchase
recovery             finds what lost messages, dead workers and full disks left behind
journal              append-only files of bought numbers and read codes, written before the database
clock                repairs deadlines after the machine's clock was set
retention            deletes old numbers and codes
"""
