CREATE TABLE `calls` (
	`run_id` text NOT NULL,
	`number` integer NOT NULL,
	`kind` text NOT NULL,
	`address` text DEFAULT '' NOT NULL,
	`connection_id` text,
	`arguments` text NOT NULL,
	`decision` text,
	`state` text NOT NULL,
	`result` text,
	`error` text,
	`settle_order` integer NOT NULL,
	`started_at` integer NOT NULL,
	`settled_at` integer NOT NULL,
	PRIMARY KEY(`run_id`, `number`)
);
--> statement-breakpoint
CREATE TABLE `connections` (
	`id` text PRIMARY KEY NOT NULL,
	`integration_id` text NOT NULL,
	`slug` text NOT NULL,
	`owner` text NOT NULL,
	`method` text NOT NULL,
	`values` text NOT NULL,
	`sealed` text,
	`origins` text NOT NULL,
	`is_default` integer DEFAULT false NOT NULL,
	`health` text DEFAULT 'untested' NOT NULL,
	`health_reason` text,
	`checked_at` integer,
	`last_used_at` integer,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `connections_by_slug` ON `connections` (`integration_id`,`slug`);--> statement-breakpoint
CREATE TABLE `documents` (
	`import_id` text NOT NULL,
	`part` integer NOT NULL,
	`bytes` blob NOT NULL,
	PRIMARY KEY(`import_id`, `part`)
);
--> statement-breakpoint
CREATE TABLE `imports` (
	`id` text PRIMARY KEY NOT NULL,
	`integration_id` text,
	`state` text NOT NULL,
	`origin` text NOT NULL,
	`preview` text NOT NULL,
	`done` integer DEFAULT 0 NOT NULL,
	`tool_count` integer DEFAULT 0 NOT NULL,
	`skipped` text DEFAULT '[]' NOT NULL,
	`error` text,
	`attempt` integer DEFAULT 0 NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `imports_by_integration` ON `imports` (`integration_id`);--> statement-breakpoint
CREATE TABLE `integrations` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`kind` text NOT NULL,
	`title` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`version` text DEFAULT '' NOT NULL,
	`origin` text NOT NULL,
	`base_url` text NOT NULL,
	`auth_methods` text NOT NULL,
	`revision` integer DEFAULT 0 NOT NULL,
	`tool_count` integer DEFAULT 0 NOT NULL,
	`import_id` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `integrations_slug_unique` ON `integrations` (`slug`);--> statement-breakpoint
CREATE TABLE `policies` (
	`id` text PRIMARY KEY NOT NULL,
	`pattern` text NOT NULL,
	`action` text NOT NULL,
	`note` text DEFAULT '' NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `policies_pattern_unique` ON `policies` (`pattern`);--> statement-breakpoint
CREATE TABLE `run_chunks` (
	`run_id` text NOT NULL,
	`number` integer NOT NULL,
	`part` integer NOT NULL,
	`bytes` blob NOT NULL,
	PRIMARY KEY(`run_id`, `number`, `part`)
);
--> statement-breakpoint
CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`principal` text NOT NULL,
	`client` text NOT NULL,
	`code` text NOT NULL,
	`seed` text NOT NULL,
	`state` text NOT NULL,
	`result` text,
	`result_bytes` integer DEFAULT 0 NOT NULL,
	`error` text,
	`logs` text DEFAULT '' NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer
);
--> statement-breakpoint
CREATE INDEX `runs_by_principal` ON `runs` (`principal`,`started_at`);--> statement-breakpoint
CREATE INDEX `runs_by_start` ON `runs` (`started_at`);--> statement-breakpoint
CREATE TABLE `schemas` (
	`integration_id` text NOT NULL,
	`revision` integer NOT NULL,
	`name` text NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`integration_id`, `revision`, `name`)
);
--> statement-breakpoint
CREATE TABLE `tools` (
	`id` integer PRIMARY KEY NOT NULL,
	`integration_id` text NOT NULL,
	`revision` integer NOT NULL,
	`name` text NOT NULL,
	`operation` text NOT NULL,
	`summary` text NOT NULL,
	`description` text NOT NULL,
	`effect` text NOT NULL,
	`is_deprecated` integer DEFAULT false NOT NULL,
	`signature` text NOT NULL,
	`input_schema` text NOT NULL,
	`output_schema` text,
	`schema_names` text NOT NULL,
	`binding` text NOT NULL,
	`search_words` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tools_by_name` ON `tools` (`integration_id`,`revision`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `tools_by_operation` ON `tools` (`integration_id`,`revision`,`operation`);