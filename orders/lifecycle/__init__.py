"""The steps of an order's life, one module per stage. Each step is one conditional UPDATE and one OrderEvent.

transitions   change, move, end: the only functions that write an order
buying        from the request to the number
answers       what LegitSMS answers about a bought number
closing       what people request of a number: cancel, finish, hide; and the sending of it
settling      an unclear purchase, as a person reports it
offboarding   the open orders of a member who is deactivated
"""
