// LegalWorker
