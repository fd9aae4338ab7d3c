// AgencyWorker
