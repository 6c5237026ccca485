CREATE TABLE `approvals` (
	`id` text PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`number` integer NOT NULL,
	`question` text NOT NULL,
	`principal` text NOT NULL,
	`client` text NOT NULL,
	`tool` text NOT NULL,
	`integration_id` text NOT NULL,
	`connection_id` text,
	`account` text NOT NULL,
	`effect` text NOT NULL,
	`summary` text NOT NULL,
	`request` text NOT NULL,
	`because` text NOT NULL,
	`hash` text NOT NULL,
	`state` text NOT NULL,
	`reason` text DEFAULT '' NOT NULL,
	`answer` text,
	`remember` text DEFAULT 'once' NOT NULL,
	`is_applied` integer DEFAULT false NOT NULL,
	`decided_by` text,
	`decided_at` integer,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `approvals_by_state` ON `approvals` (`state`,`principal`);--> statement-breakpoint
CREATE INDEX `approvals_by_run` ON `approvals` (`run_id`,`number`);--> statement-breakpoint
CREATE TABLE `audit` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`details` text DEFAULT '{}' NOT NULL,
	`hash` text
);
--> statement-breakpoint
CREATE TABLE `notifications` (
	`id` text PRIMARY KEY NOT NULL,
	`event` text NOT NULL,
	`payload` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`due_at` integer NOT NULL,
	`problem` text,
	`created_at` integer NOT NULL,
	`settled_at` integer
);
--> statement-breakpoint
CREATE INDEX `notifications_by_state` ON `notifications` (`state`,`settled_at`,`due_at`);--> statement-breakpoint
CREATE TABLE `principals` (
	`id` text PRIMARY KEY NOT NULL,
	`first_seen_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `remembered_approvals` (
	`id` text PRIMARY KEY NOT NULL,
	`approval_id` text NOT NULL,
	`principal` text NOT NULL,
	`integration_id` text NOT NULL,
	`tool` text NOT NULL,
	`connection_id` text,
	`account` text NOT NULL,
	`run_id` text,
	`expires_at` integer,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `remembered_by_principal` ON `remembered_approvals` (`principal`,`tool`);--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`updated_by` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_calls` (
	`run_id` text NOT NULL,
	`number` integer NOT NULL,
	`kind` text NOT NULL,
	`address` text DEFAULT '' NOT NULL,
	`tool` text DEFAULT '' NOT NULL,
	`effect` text,
	`connection_id` text,
	`arguments` text NOT NULL,
	`hash` text NOT NULL,
	`decision` text,
	`because` text,
	`state` text NOT NULL,
	`result` text,
	`error` text,
	`settle_order` integer,
	`started_at` integer NOT NULL,
	`settled_at` integer,
	PRIMARY KEY(`run_id`, `number`)
);
--> statement-breakpoint
INSERT INTO `__new_calls`("run_id", "number", "kind", "address", "tool", "effect", "connection_id", "arguments", "hash", "decision", "because", "state", "result", "error", "settle_order", "started_at", "settled_at") SELECT "run_id", "number", "kind", "address", iif(instr("address", '@') = 0, "address", substr("address", 1, instr("address", '@') - 1) || substr("address", instr("address", '@') + instr(substr("address", instr("address", '@')), '.') - 1)), NULL, "connection_id", "arguments", '', "decision", NULL, "state", "result", "error", "settle_order", "started_at", "settled_at" FROM `calls`;--> statement-breakpoint
DROP TABLE `calls`;--> statement-breakpoint
ALTER TABLE `__new_calls` RENAME TO `calls`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `calls_by_tool` ON `calls` (`tool`,`run_id`);--> statement-breakpoint
ALTER TABLE `runs` ADD `program` text;--> statement-breakpoint
ALTER TABLE `runs` ADD `epoch` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `runs` ADD `lease_until` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `runs` ADD `attempts` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `runs` ADD `emitted` text;--> statement-breakpoint
CREATE INDEX `runs_by_state` ON `runs` (`state`,`lease_until`);--> statement-breakpoint
-- What was running before runs could be taken up again has nobody to go on with it.
UPDATE `runs` SET `state` = 'lost', `ended_at` = `started_at` WHERE `state` = 'running';
