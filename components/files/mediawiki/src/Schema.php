<?php
declare( strict_types=1 );

/** The tables of a database, and other objects in it. */
class Schema {
	/** @return string[] all tables and views */
	public static function tables( mysqli $database ): array {
		return array_column( $database->query( 'SHOW TABLES' )->fetch_all(), 0 );
	}

	/** @return string[] tables without views and sequences: these are all that MediaWiki creates, and all that a dump contains */
	public static function baseTables( mysqli $database ): array {
		return array_column( $database->query( "SHOW FULL TABLES WHERE Table_type NOT IN ('VIEW', 'SEQUENCE')" )->fetch_all(), 0 );
	}

	/** Returns a list of the views, sequences and triggers, which a dump leaves out; "" if there are none. */
	public static function notDumped( mysqli $database ): string {
		$found = $database->query( "SELECT CONCAT(LOWER(table_type), ' ', table_name) FROM information_schema.tables
				WHERE table_schema = DATABASE() AND table_type IN ('VIEW', 'SEQUENCE')
			UNION SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_schema = DATABASE()" );
		return implode( ', ', array_column( $found->fetch_all(), 0 ) );
	}

	/** @param string[] $tables tables, views and sequences */
	public static function drop( mysqli $database, array $tables ): void {
		$kinds = array_column( $database->query( 'SHOW FULL TABLES' )->fetch_all(), 1, 0 );
		$database->query( 'SET FOREIGN_KEY_CHECKS = 0' );
		foreach ( $tables as $table ) {
			$kind = in_array( $kinds[$table], [ 'VIEW', 'SEQUENCE' ], true ) ? $kinds[$table] : 'TABLE';
			$database->query( "DROP $kind `$table`" );
		}
	}
}
