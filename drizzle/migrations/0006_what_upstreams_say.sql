ALTER TABLE `approvals` ADD `asks` text;--> statement-breakpoint
ALTER TABLE `calls` ADD `notes` text;