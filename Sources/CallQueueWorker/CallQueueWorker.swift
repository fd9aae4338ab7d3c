// CallQueueWorker
