<?php
declare( strict_types=1 );

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/../../components/files/mediawiki/web/RequestMetrics.php';

class MetricsTest extends TestCase {
	public function testExpositionIsPrometheusText(): void {
		$out = new Exposition();
		$out->gauge( 'a', 'One value.', 1.5 );
		$out->counter( 'b_total', 'Labels.', [ [ [ 'name' => "x\\y\"z\n" ], 2 ], [ [], 3 ] ] );
		$out->gauge( 'c', 'Nothing.', [] );
		$out->histogram( 'd_seconds', 'Durations.', [ [ [ 'kind' => 'page' ], [ '0.1' => 1, '+Inf' => 4 ], 0.25 ] ] );
		$this->assertSame( <<<'TEXT'
			# HELP a One value.
			# TYPE a gauge
			a 1.5
			# HELP b_total Labels.
			# TYPE b_total counter
			b_total{name="x\\y\"z\n"} 2
			b_total 3
			# HELP d_seconds Durations.
			# TYPE d_seconds histogram
			d_seconds_bucket{kind="page",le="0.1"} 1
			d_seconds_bucket{kind="page",le="+Inf"} 4
			d_seconds_sum{kind="page"} 0.25
			d_seconds_count{kind="page"} 4

			TEXT, $out->text() );
	}

	/** @dataProvider requests */
	public function testKindOfARequestIsOneOfAFewWhateverTheClientSends( string $kind, string $script, string $method ): void {
		$this->assertSame( $kind, RequestMetrics::kind( $script, $method ) );
	}

	public function requests(): array {
		return [
			[ 'page', '/index.php', 'GET' ], [ 'page', '/index.php', 'HEAD' ], [ 'form', '/index.php', 'POST' ],
			[ 'api', '/api.php', 'GET' ], [ 'api-post', '/api.php', 'POST' ], [ 'resources', '/load.php', 'GET' ],
			[ 'file', '/img_auth.php', 'GET' ], [ 'thumbnail', '/thumb_handler.php', 'GET' ], [ 'other', '/x.php', 'GET' ],
			[ 'other', '', 'POST' ],
		];
	}

	public function testWorkersAreCountedByTheirConnections(): void {
		putenv( 'MEDIAWIKI_WORKERS=3' );
		$head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
		$rest = '00000000:00000000 00:00000000 00000000    33        0';
		$sockets = implode( "\n", [
			$head,
			"   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A $rest 100 1 0 100 0 0 10 0", // listens
			"   1: 0000000000000000FFFF00000401F40A:1F90 0000000000000000FFFF00000501F40A:A1B2 01 $rest 101 1 0", // a reader
			"   2: 0000000000000000FFFF00000401F40A:1F90 0000000000000000FFFF00000501F40A:A1B3 01 $rest 0 1 0", // waits
			"   3: 0000000000000000FFFF00000401F40A:1F90 0000000000000000FFFF00000501F40A:A1B4 06 $rest 0 1 0", // is closed
			"   4: 0000000000000000FFFF00000401F40A:1F91 0000000000000000FFFF00000501F40A:A1B5 01 $rest 102 1 0", // a probe
			"   5: 0401F40A:BC1E 0601F40A:0CEA 01 $rest 103 1 0", // a connection to the database
			'',
		] );
		$out = new Exposition();
		PodMetrics::workers( $out, $sockets );
		$this->assertStringContainsString( 'mediawiki_workers{state="busy"} 1' . "\n", $out->text() );
		$this->assertStringContainsString( 'mediawiki_workers{state="idle"} 2' . "\n", $out->text() );
		$this->assertStringContainsString( "mediawiki_workers_queue 1\n", $out->text() );
		putenv( 'MEDIAWIKI_WORKERS' );
	}

	public function testIncompleteAnswerOfMemcachedIsNone(): void {
		$this->assertSame( [ 'version' => '1.6.18 x', 'get_hits' => '7' ],
			ObjectCacheMetrics::parse( "STAT version 1.6.18 x\r\nSTAT get_hits 7\r\nEND\r\n" ) );
		$this->assertSame( [], ObjectCacheMetrics::parse( "STAT version 1.6.18\r\nSTAT get_hi" ) );
		$this->assertSame( [], ObjectCacheMetrics::parse( '' ) );
	}
}
