CREATE TABLE `oauth_clients` (
	`id` text PRIMARY KEY NOT NULL,
	`integration_id` text NOT NULL,
	`server` text NOT NULL,
	`kind` text NOT NULL,
	`client_id` text NOT NULL,
	`auth_method` text NOT NULL,
	`sealed` text,
	`public_key` text,
	`redirect_uri` text NOT NULL,
	`expires_at` integer,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `oauth_clients_by_server` ON `oauth_clients` (`integration_id`,`server`,`kind`);--> statement-breakpoint
CREATE TABLE `oauth_flows` (
	`id` text PRIMARY KEY NOT NULL,
	`state_hash` text,
	`principal` text NOT NULL,
	`integration_id` text NOT NULL,
	`connection_id` text,
	`method_id` text NOT NULL,
	`grant` text NOT NULL,
	`owner` text NOT NULL,
	`slug` text NOT NULL,
	`client` text NOT NULL,
	`server` text NOT NULL,
	`resource` text,
	`scopes` text NOT NULL,
	`sealed` text NOT NULL,
	`authorization_url` text,
	`device` text,
	`next_poll_at` integer,
	`state` text NOT NULL,
	`problem` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `oauth_flows_state_hash_unique` ON `oauth_flows` (`state_hash`);--> statement-breakpoint
CREATE INDEX `oauth_flows_by_end` ON `oauth_flows` (`expires_at`);--> statement-breakpoint
ALTER TABLE `connections` ADD `oauth` text;--> statement-breakpoint
ALTER TABLE `connections` ADD `token_expires_at` integer;--> statement-breakpoint
ALTER TABLE `connections` ADD `token_version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `connections` ADD `refresh_epoch` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `connections` ADD `refresh_until` integer;--> statement-breakpoint
ALTER TABLE `connections` ADD `identity` text;