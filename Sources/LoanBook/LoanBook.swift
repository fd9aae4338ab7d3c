// LoanBook
