<?php
// Makes a dump from elsewhere one of this wiki's own: it is loaded into a MariaDB that is thrown away, where everything is tried that can
// fail, and dumped again from there.
declare( strict_types=1 );

class Adoption {
	private const SOCKET = '/tmp/scratch/socket';
	private const DATABASE = 'wiki';

	private mysqli $aside;

	public function __construct( private readonly Wiki $wiki, private readonly Tools $tools ) {
	}

	/** Writes the file $kept as Tools::dump() does, from the dump $given, which is compressed by gzip. */
	public function run( string $given, string $kept ): void {
		$this->tools->open();
		try {
			say( 'loading the dump into a database of its own' );
			$left = $this->tools->fill( $given );
			$this->aside = new mysqli( 'localhost', 'root', '', '', 0, self::SOCKET );
			$this->aside->query( 'CREATE DATABASE ' . self::DATABASE . ' CHARACTER SET binary' );
			[ $database, $prefix ] = $this->find();
			array_push( $left, ...$this->take( $database, $prefix ) );
			if ( $left ) {
				say( 'left out, because it is not the wiki\'s: ' . implode( ', ', $left ) );
			}
			$this->checkRows();
			$this->checkVersion();
			$this->checkColumns();
			$this->convert();
			$this->upgrade();
			say( 'dumping it' );
			$this->tools->keep( $kept, CACHES );
		} finally {
			$this->tools->close();
		}
	}

	/** @return array{string, string} the database that holds the wiki, and the prefix of its tables' names */
	private function find(): array {
		$wikis = $this->rows( "SELECT DISTINCT table_schema, SUBSTR(table_name, 1, LENGTH(table_name) - 9)
			FROM information_schema.tables WHERE table_name LIKE '%updatelog'" );
		if ( !$wikis ) {
			throw new Refusal( 'it holds no wiki: there is no table "updatelog", with or without a prefix' );
		}
		if ( count( $wikis ) > 1 ) {
			throw new Refusal( 'it holds more than one wiki, and it is not known which is meant: '
				. implode( ', ', array_map( static fn ( $wiki ) => "tables \"$wiki[1]…\" of database $wiki[0]", $wikis ) )
				. '. Dump the tables of one of them' );
		}
		return $wikis[0];
	}

	/**
	 * Moves the wiki's tables into a database of their own, under the names that MediaWiki gives them.
	 *
	 * Without a prefix it cannot be told for certain whose a table is. Those that this MediaWiki does not know are an extension's if they
	 * have the wiki's character set, which it gives to all that it makes.
	 *
	 * @return string[] what is left behind
	 */
	private function take( string $database, string $prefix ): array {
		$tables = array_column( $this->rows( "SELECT table_name, SUBSTRING_INDEX(table_collation, '_', 1) FROM information_schema.tables
			WHERE table_schema = '{$this->aside->real_escape_string( $database )}'" ), 1, 0 );
		$known = $prefix === '' ? $this->wiki->tables() : [];
		$left = $unknown = [];
		foreach ( $tables as $table => $charset ) {
			$table = (string)$table;
			$name = substr( $table, strlen( $prefix ) );
			if ( !str_starts_with( $table, $prefix ) || $name === NOTES ) {
				$left[] = "table $table";
				continue;
			}
			if ( $known && !in_array( $name, $known, true ) ) {
				if ( $charset !== ( $tables['page'] ?? '' ) ) {
					$left[] = "table $table";
					continue;
				}
				$unknown[] = $table;
			}
			$this->aside->query( "RENAME TABLE `$database`.`$table` TO `" . self::DATABASE . "`.`$name`" );
		}
		if ( $unknown ) {
			say( 'taken along, although no extension of this image makes them: ' . implode( ', ', $unknown )
				. '. If they are not the wiki\'s, dump it with --ignore-table' );
		}
		$this->aside->select_db( self::DATABASE );
		return $left;
	}

	private function checkRows(): void {
		$there = tables( $this->aside );
		foreach ( [ 'page', 'revision', 'user' ] as $table ) {
			if ( !in_array( $table, $there, true ) ) {
				throw new Refusal( "it holds no whole wiki: the table \"$table\" is not in it" );
			}
			if ( !$this->rows( "SELECT 1 FROM `$table` LIMIT 1" ) ) {
				throw new Refusal( "its table \"$table\" has no rows: dump again without --no-data, and with all tables" );
			}
		}
	}

	/** Refuses a wiki that was last updated by a MediaWiki from which this one's updater does not begin. */
	private function checkVersion(): void {
		$versions = [];
		foreach ( $this->rows( "SELECT ul_key FROM updatelog WHERE ul_key LIKE 'updatelist-%'" ) as [ $key ] ) {
			$versions[] = explode( '-', $key )[1];
		}
		usort( $versions, 'version_compare' );
		$this->wiki->checkUpgradeFrom( (string)end( $versions ) );
	}

	/**
	 * Makes all tables what MediaWiki makes: of the engine InnoDB, and of bytes. With another character set two titles can be one for
	 * MariaDB (Aa and AA), or one that it cannot keep. What is searched for words stays as it is.
	 */
	private function convert(): void {
		$this->aside->query( "SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0" );
		$others = array_column( $this->rows( "SELECT table_name FROM information_schema.tables t
			WHERE table_schema = DATABASE() AND ( engine <> 'InnoDB' OR table_collation <> 'binary' OR EXISTS (
				SELECT 1 FROM information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name
					AND character_set_name <> 'binary' ) )
			AND NOT EXISTS ( SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = t.table_schema
				AND s.table_name = t.table_name AND index_type = 'FULLTEXT' )" ), 0 );
		if ( $others ) {
			say( 'making ' . count( $others ) . ' tables what MediaWiki makes, InnoDB and binary' );
		}
		foreach ( $others as $table ) {
			try {
				$this->aside->query( "ALTER TABLE `$table` ENGINE = InnoDB, ROW_FORMAT = DEFAULT, CONVERT TO CHARACTER SET binary" );
			} catch ( mysqli_sql_exception $e ) {
				throw new Refusal( "its table \"$table\" cannot be made binary: {$e->getMessage()}" );
			}
		}
	}

	/** Has MediaWiki's updater work there, and sees that its tables are what this MediaWiki reads and writes, and pages come of them. */
	private function upgrade(): void {
		putenv( 'MEDIAWIKI_ASIDE=' . self::SOCKET ); // which LocalSettings.php looks for
		try {
			say( 'bringing the schema up to date' );
			$this->wiki->update();
			$this->checkSchema();
			$this->wiki->checkPages();
		} finally {
			putenv( 'MEDIAWIKI_ASIDE' );
		}
	}

	/** Refuses columns that neither this MediaWiki nor an older one has had in its tables. */
	private function checkColumns(): void {
		$there = $this->columns();
		$unknown = [];
		foreach ( $this->wiki->columns() as $table => $columns ) {
			$others = preg_grep( '/^' . strtok( $columns[0], '_' ) . '_/', array_diff( $there[$table] ?? [], $columns ) );
			foreach ( $this->wiki->neverHad( $others ) as $column ) {
				$unknown[] = "$table.$column";
			}
		}
		if ( $unknown ) {
			throw new Refusal( "MediaWiki {$this->wiki->version} and those before it have no " . implode( ', ', array_slice( $unknown, 0, 5 ) )
				. ': a newer one has written the wiki. Set images.mediawiki to its version' );
		}
	}

	/** Refuses tables that this MediaWiki's updater has left without a column that this MediaWiki uses. */
	private function checkSchema(): void {
		$there = $this->columns();
		$missing = [];
		foreach ( $this->wiki->columns() as $table => $columns ) {
			foreach ( array_diff( $columns, $there[$table] ?? [] ) as $column ) {
				$missing[] = "$table.$column";
			}
		}
		if ( $missing ) {
			throw new Refusal( "after its update to MediaWiki {$this->wiki->version} the wiki lacks " . implode( ', ', array_slice( $missing, 0, 5 ) )
				. '. Either a newer MediaWiki has written it (set images.mediawiki to its version), or it is a dump of some tables only' );
		}
	}

	/** @return array<string, string[]> columns by table */
	private function columns(): array {
		$columns = [];
		foreach ( $this->rows( 'SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()' ) as $row ) {
			$columns[$row[0]][] = $row[1];
		}
		return $columns;
	}

	/** @return array[] */
	private function rows( string $query ): array {
		return $this->aside->query( $query )->fetch_all();
	}
}
