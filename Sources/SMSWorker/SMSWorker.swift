// SMSWorker
